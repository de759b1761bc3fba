import { colourOf, px, svgDocument, svgLine, svgText } from '../plot/index.js';

/** A point of a plot with the interval around it. */
export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

export interface PlotLabels {
  readonly title: string;
  readonly x: string;
  readonly y: string;
}

const COLOUR = colourOf(0);
const [WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM] = [560, 340, 70, 40, 20, 50];

/** A line plot with intervals as SVG: one series, both axes from 0. */
export function linePlot(points: readonly PlotPoint[], labels: PlotLabels): string {
  const mostX = Math.max(...points.map(({ x }) => x));
  const mostY = niceCeiling(Math.max(...points.map(({ high }) => high)));
  const toX = (x: number) => LEFT + (x / mostX) * (WIDTH - LEFT - RIGHT);
  const toY = (y: number) => HEIGHT - BOTTOM - (y / mostY) * (HEIGHT - TOP - BOTTOM);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const y = toY(share * mostY);
    return [
      svgLine(LEFT, y, WIDTH - RIGHT, y, 'stroke="#dddddd"'),
      svgText(LEFT - 8, y + 4, (share * mostY).toPrecision(2), 'text-anchor="end"'),
    ].join('');
  });
  const marks = points.map(({ x, y, low, high }) => {
    const values = `${x}: ${y.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`;
    return [
      `<g><title>${values}</title>`,
      svgLine(toX(x), toY(low), toX(x), toY(high), `stroke="${COLOUR}"`),
      `<circle cx="${px(toX(x))}" cy="${px(toY(y))}" r="4" fill="${COLOUR}"/>`,
      svgText(toX(x), HEIGHT - BOTTOM + 18, String(x), 'text-anchor="middle"'),
      '</g>',
    ].join('');
  });
  const line = points.map(({ x, y }) => `${px(toX(x))},${px(toY(y))}`).join(' ');
  const turned = `text-anchor="middle" transform="rotate(-90 16 ${HEIGHT / 2})"`;
  return svgDocument({ width: WIDTH, height: HEIGHT, title: labels.title }, [
    svgText(LEFT, 22, labels.title, 'font-weight="bold"'),
    ...ticks,
    `<polyline points="${line}" fill="none" stroke="${COLOUR}"/>`,
    ...marks,
    svgText((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, labels.x, 'text-anchor="middle"'),
    svgText(16, HEIGHT / 2, labels.y, turned),
  ]);
}

/** The next of 1, 2, 5 times a power of ten. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  return power * ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10);
}
