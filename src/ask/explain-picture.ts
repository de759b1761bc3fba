import type { Explanation } from '../infer/index.js';
import { escapeMarkup, svgDocument, svgText } from '../plot/index.js';

const CELL_HEIGHT = 26;
const LABEL_WIDTH = 190;
const CHARACTER_WIDTH = 8;
const FONT = 'font-family="ui-monospace, monospace"';

/** Red for what speaks against the target, blue for what speaks for it; paler the less it matters. */
function signedColour(value: number, largest: number): string {
  const strength = largest === 0 ? 0 : Math.min(1, Math.abs(value) / largest);
  const faded = Math.round(255 - 170 * strength);
  return value >= 0 ? `rgb(${faded},${faded + Math.round(20 * strength)},255)` : `rgb(255,${faded},${faded})`;
}

interface Line {
  readonly label: string;
  readonly values: readonly number[];
  readonly isSigned: boolean;
}

/** An SVG picture of an explanation: a row for each method and each head, a cell for each token, figures on hover. */
export function explanationSvg(explanation: Explanation): string {
  const { tokens, target, place } = explanation;
  const widths = tokens.map((token) => Math.max(3, [...token].length + 1) * CHARACTER_WIDTH);
  const lefts = widths.map(
    (_, token) => LABEL_WIDTH + widths.slice(0, token).reduce((sum, width) => sum + width, 0),
  );
  const lines = linesOf(explanation);
  const width = LABEL_WIDTH + widths.reduce((sum, own) => sum + own, 0) + 10;
  const height = CELL_HEIGHT * (lines.length + 2) + 10;
  const percent = `${(100 * target.probability).toFixed(2)} %`;
  const title = `why '${target.token}' (${percent}) in the place of token ${place}`;
  const rows = lines.map((line, row) => lineSvg(line, explanation, lefts, widths, CELL_HEIGHT * (row + 1.5)));
  return svgDocument({ width, height, title, fontSize: 13 }, [
    svgText(8, 20, title, `${FONT} font-weight="bold"`),
    ...rows,
  ]);
}

function linesOf({ gradientInput, integratedGradients, occlusion, attention }: Explanation): Line[] {
  return [
    { label: 'integrated gradients', values: integratedGradients.values, isSigned: true },
    { label: 'gradient x input', values: gradientInput, isSigned: true },
    { label: 'occlusion', values: occlusion, isSigned: true },
    ...attention.flatMap((heads, layer) =>
      heads.map((values, head) => ({
        label: `layer ${layer + 1} head ${head + 1}`,
        values,
        isSigned: false,
      })),
    ),
  ];
}

function lineSvg(
  { label, values, isSigned }: Line,
  { tokens, place }: Explanation,
  lefts: readonly number[],
  widths: readonly number[],
  top: number,
): string {
  const largest = Math.max(...values.map(Math.abs));
  const cells = values.map((value, token) => {
    const [x, width] = [lefts[token] as number, widths[token] as number];
    const text = tokens[token] as string;
    const colour = signedColour(value, isSigned ? largest : 1);
    const border = token === place ? ' stroke="black"' : '';
    const figure = isSigned ? `${value.toFixed(4)} nats` : value.toFixed(4);
    return [
      `<g><title>${escapeMarkup(`${label}: ${text} ${figure}`)}</title>`,
      `<rect x="${x}" y="${top}" width="${width - 2}" height="${CELL_HEIGHT - 4}" rx="3" fill="${colour}"${border}/>`,
      `${svgText(x + 4, top + 16, text, FONT)}</g>`,
    ].join('');
  });
  return [svgText(8, top + 16, label, FONT), ...cells].join('');
}

/** The picture as a page of its own, with what the figures mean. */
export function explanationHtml(explanation: Explanation): string {
  const { text, target, integratedGradients } = explanation;
  const { steps, difference, completenessError } = integratedGradients;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escapeMarkup(`lacuna explain: ${text}`)}</title>
<style>
  body { font-family: system-ui, sans-serif; margin: 2rem; color: #222; background: white; }
  figure { overflow-x: auto; margin: 0; }
  svg g:hover rect { stroke: black; stroke-width: 2; }
</style>
<h1>${escapeMarkup(text)}</h1>
<figure>
${explanationSvg(explanation)}</figure>
<p>Blue speaks for <b>${escapeMarkup(target.token)}</b>, red against it; hover for figures, in nats of its log-probability.
Attention is from the mask to each token, from 0 (white) to 1. Integrated gradients start from the text with every ordinary
token masked (${steps} points): they sum to the difference of ${difference.toFixed(4)} nats but for
${completenessError.toExponential(1)}.</p>
</html>
`;
}
