import { DISTANCES, type Distance, type JointComparison } from './joint-fills.js';
import { linePlot, type PlotPoint } from './plot.js';

/** Mean, and least and most, of some figures. */
export interface Spread {
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    least: Math.min(...values),
    most: Math.max(...values),
  };
}

/** The comparison as a Markdown table: total variation from exact enumeration, mean (least-most) over texts. */
export function distanceTable(distances: readonly Distance[]): string {
  const keys = [...new Set(distances.map(keyOf))];
  const cell = (key: string, masks: number) => {
    const own = distances.filter((entry) => keyOf(entry) === key && entry.masks === masks);
    if (own.length === 0) return '';
    const { mean, least, most } = spreadOf(own.map(({ totalVariation }) => totalVariation));
    return `${mean.toFixed(3)} (${least.toFixed(3)}-${most.toFixed(3)})`;
  };
  const rows = keys.map((key) => `| ${key} | ${cell(key, 2)} | ${cell(key, 3)} |`);
  return ['| method | two masks | three masks |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

function keyOf({ method, samples }: Distance): string {
  return samples === undefined ? method : `${method}, ${samples} samples`;
}

/** Mutual information by distance as a plot, means with the least and the most over texts. */
export function informationPlot({ information }: JointComparison): string {
  return linePlot(informationPoints(information), {
    title: 'Mutual information of two masks by their distance',
    x: 'distance, tokens',
    y: 'nats',
  });
}

/** A point for each distance. */
export function informationPoints(information: JointComparison['information']): PlotPoint[] {
  return DISTANCES.map((distance) => {
    const own = information.filter((entry) => entry.distance === distance).map(({ nats }) => nats);
    const { mean, least, most } = spreadOf(own);
    return { x: distance, y: mean, low: least, high: most };
  });
}
