import { type Curve, rangeOf, shortNumber, thinned } from './curve.js';

const WIDTH = 720;
const HEIGHT = 300;
const MARGIN = { left: 64, right: 16, top: 34, bottom: 40 } as const;
const MOST_POINTS = 600;
const TICKS = 5;

/** Colours that the colour-blind can tell apart (Okabe & Ito 2008). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'] as const;

/** Text made safe for HTML and SVG, in attributes, too. */
export function escapeMarkup(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** A chart of curves by step, as an SVG element that needs nothing from outside. */
export function svgPlot(title: string, curves: readonly Curve[]): string {
  const drawn = curves.map((curve) => thinned(curve, MOST_POINTS));
  const range = rangeOf(drawn);
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="${escapeMarkup(title)}"><rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/><text x="${MARGIN.left}" y="20" font-weight="bold">${escapeMarkup(title)}</text>`;
  if (!range) return `${head}<text x="${MARGIN.left}" y="60">no points</text></svg>`;
  const [right, bottom] = [WIDTH - MARGIN.right, HEIGHT - MARGIN.bottom];
  const x = (step: number) =>
    MARGIN.left + ((right - MARGIN.left) * (step - range.steps.low)) / (range.steps.high - range.steps.low);
  const y = (value: number) =>
    bottom - ((bottom - MARGIN.top) * (value - range.values.low)) / (range.values.high - range.values.low);
  const ticks = Array.from({ length: TICKS }, (_, index) => index / (TICKS - 1));
  const grid = ticks.map((part) => {
    const value = range.values.low + part * (range.values.high - range.values.low);
    const step = range.steps.low + part * (range.steps.high - range.steps.low);
    return [
      `<path d="M${MARGIN.left} ${fixed(y(value))}H${right}" stroke="#ddd"/>`,
      `<text x="${MARGIN.left - 6}" y="${fixed(y(value) + 4)}" text-anchor="end">${shortNumber(value)}</text>`,
      `<text x="${fixed(x(step))}" y="${bottom + 18}" text-anchor="middle">${Math.round(step)}</text>`,
    ].join('');
  });
  const lines = drawn.map(({ label, points }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const path = points.map(({ step, value }) => `${fixed(x(step))} ${fixed(y(value))}`).join('L');
    const legend = `<text x="${right}" y="${MARGIN.top + 14 * index}" text-anchor="end" fill="${colour}">${escapeMarkup(label)}</text>`;
    return `${path === '' ? '' : `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>`}${legend}`;
  });
  return `${head}${grid.join('')}${lines.join('')}</svg>`;
}

function fixed(value: number): string {
  return value.toFixed(1);
}
