import { type Axis, axisOf, type Scale } from './axis.js';
import { colourOf, px, svgDocument, svgLine, svgText } from './svg.js';

export type { Scale } from './axis.js';

/** One line of a chart. */
export interface Series {
  readonly label: string;
  /** (x, y), in the order they are joined. */
  readonly points: readonly (readonly [number, number])[];
  /** A dashed line without markers: a limit, a model, a reference. */
  readonly dashed?: boolean;
}

/** One panel: lines over two axes. */
export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Linear unless told. A logarithmic x axis is labelled at powers of 2, a y axis at powers of 10. */
  readonly xScale?: Scale;
  readonly yScale?: Scale;
  readonly series: readonly Series[];
}

const PANEL = { width: 360, height: 260 } as const;
const MARGIN = { left: 56, right: 14, top: 30, bottom: 64 } as const;
const INNER = {
  width: PANEL.width - MARGIN.left - MARGIN.right,
  height: PANEL.height - MARGIN.top - MARGIN.bottom,
} as const;

/**
 * Panels in rows of `columns` as one SVG document, which has a white ground so that it can be read on any page. Throws a
 * ConfigError when a value does not fit its axis.
 */
export function renderCharts(charts: readonly Chart[], columns = 2): string {
  const across = Math.max(1, Math.min(columns, charts.length));
  const [width, height] = [across * PANEL.width, Math.ceil(charts.length / across) * PANEL.height];
  const panels = charts.map((chart, index) => {
    const [x, y] = [(index % across) * PANEL.width, Math.floor(index / across) * PANEL.height];
    return `<g transform="translate(${x} ${y})">\n${renderPanel(chart)}\n</g>`;
  });
  const title = charts.map((chart) => chart.title).join('; ');
  return svgDocument({ width, height, title, fontSize: 11 }, panels);
}

function renderPanel({ title, xLabel, yLabel, xScale = 'linear', yScale = 'linear', series }: Chart): string {
  const points = series.flatMap((line) => line.points);
  const x = axisOf(
    points.map(([value]) => value),
    xScale,
    2,
  );
  const y = axisOf(
    points.map(([, value]) => value),
    yScale,
    10,
  );
  return [
    svgText(PANEL.width / 2, 18, title, 'text-anchor="middle" font-weight="bold" font-size="12"'),
    ...xTicks(x),
    ...yTicks(y),
    svgText(MARGIN.left + INNER.width / 2, PANEL.height - 32, xLabel, 'text-anchor="middle"'),
    svgText(
      0,
      0,
      yLabel,
      `text-anchor="middle" transform="translate(12 ${MARGIN.top + INNER.height / 2}) rotate(-90)"`,
    ),
    ...series.map((line, index) => renderSeries(line, colourOf(index), x, y)),
    ...legend(series),
  ].join('\n');
}

const across = (axis: Axis, value: number): number => MARGIN.left + axis.place(value) * INNER.width;
const down = (axis: Axis, value: number): number => MARGIN.top + (1 - axis.place(value)) * INNER.height;

function renderSeries({ points, dashed = false }: Series, colour: string, x: Axis, y: Axis): string {
  const places = points.map(([a, b]) => `${px(across(x, a))},${px(down(y, b))}`);
  const line = `<polyline fill="none" stroke="${colour}" stroke-width="1.5"${dashed ? ' stroke-dasharray="5 4"' : ''} points="${places.join(' ')}"/>`;
  if (dashed) return line;
  const dots = points.map(
    ([a, b]) => `<circle cx="${px(across(x, a))}" cy="${px(down(y, b))}" r="2.5" fill="${colour}"/>`,
  );
  return [line, ...dots].join('\n');
}

function xTicks(axis: Axis): string[] {
  const [top, bottom] = [MARGIN.top, MARGIN.top + INNER.height];
  return axis.ticks.flatMap((value) => {
    const x = across(axis, value);
    return [rule(x, top, x, bottom), svgText(x, bottom + 14, shortNumber(value), 'text-anchor="middle"')];
  });
}

function yTicks(axis: Axis): string[] {
  return axis.ticks.flatMap((value) => {
    const y = down(axis, value);
    return [
      rule(MARGIN.left, y, MARGIN.left + INNER.width, y),
      svgText(MARGIN.left - 6, y + 4, shortNumber(value), 'text-anchor="end"'),
    ];
  });
}

const rule = (x1: number, y1: number, x2: number, y2: number): string =>
  svgLine(x1, y1, x2, y2, 'stroke="#dddddd"');

/** One row below the x label: a stroke of each line's colour and its label. */
function legend(series: readonly Series[]): string[] {
  const step = INNER.width / series.length;
  const y = PANEL.height - 12;
  return series.flatMap(({ label, dashed }, index) => {
    const x = MARGIN.left + index * step;
    const dashes = dashed ? ' stroke-dasharray="5 4"' : '';
    return [
      svgLine(x, y - 4, x + 18, y - 4, `stroke="${colourOf(index)}" stroke-width="2"${dashes}`),
      svgText(x + 22, y, label, 'font-size="10"'),
    ];
  });
}

/** 2048, 16k, 1M, 0.01. */
function shortNumber(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(3)));
}
