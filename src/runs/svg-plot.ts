import { colourOf, px, svgDocument, svgLine, svgText } from '../plot/index.js';
import { type Curve, rangeOf, shortNumber, thinned } from './curve.js';

const WIDTH = 720;
const HEIGHT = 300;
const MARGIN = { left: 64, right: 16, top: 34, bottom: 40 } as const;
const MOST_POINTS = 600;
const TICKS = 5;

/** A chart of curves by step, as an SVG element that needs nothing from outside. */
export function svgPlot(title: string, curves: readonly Curve[]): string {
  const drawn = curves.map((curve) => thinned(curve, MOST_POINTS));
  const range = rangeOf(drawn);
  const document = { width: WIDTH, height: HEIGHT, title };
  const heading = svgText(MARGIN.left, 20, title, 'font-weight="bold"');
  if (!range) return svgDocument(document, [heading, svgText(MARGIN.left, 60, 'no points')]);
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
      svgLine(MARGIN.left, y(value), right, y(value), 'stroke="#dddddd"'),
      svgText(MARGIN.left - 6, y(value) + 4, shortNumber(value), 'text-anchor="end"'),
      svgText(x(step), bottom + 18, String(Math.round(step)), 'text-anchor="middle"'),
    ].join('');
  });
  const lines = drawn.map(({ label, points }, index) => {
    const colour = colourOf(index);
    const path = points.map(({ step, value }) => `${px(x(step))} ${px(y(value))}`).join('L');
    const legend = svgText(right, MARGIN.top + 14 * index, label, `text-anchor="end" fill="${colour}"`);
    return `${path === '' ? '' : `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>`}${legend}`;
  });
  return svgDocument(document, [heading, ...grid, ...lines]);
}
