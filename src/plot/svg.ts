/** Colours that readers with colour blindness tell apart (Okabe & Ito 2008). */
export const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'] as const;

/** The colour of the n-th of several things. */
export const colourOf = (index: number): string => COLOURS[index % COLOURS.length] as string;

export interface SvgDocument {
  readonly width: number;
  readonly height: number;
  /** What it shows, for readers who do not see it. */
  readonly title: string;
  readonly fontSize?: number;
}

/** An SVG document on a white ground, so that it can be read on any page. */
export function svgDocument(document: SvgDocument, parts: readonly string[]): string {
  const { width, height, title, fontSize = 12 } = document;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="${fontSize}" role="img">`,
    `<title>${escapeMarkup(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

/** A line of text at a place; `attributes` as they stand in the element. */
export function svgText(x: number, y: number, content: string, attributes = ''): string {
  const ink = attributes.includes('fill=') ? '' : ' fill="#222222"';
  return `<text x="${px(x)}" y="${px(y)}"${ink} ${attributes}>${escapeMarkup(content)}</text>`;
}

export function svgLine(x1: number, y1: number, x2: number, y2: number, attributes: string): string {
  return `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" ${attributes}/>`;
}

/** A place, to a tenth of a pixel. */
export const px = (value: number): string => String(Number(value.toFixed(1)));

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text made safe for HTML and SVG, in attributes, too. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
