import type { RunHistory } from './history.js';

/** A line of a plot: a value by step. */
export interface Curve {
  readonly label: string;
  readonly points: readonly Point[];
}

export interface Point {
  readonly step: number;
  readonly value: number;
}

/** What can be plotted of a run. */
export const CURVE_NAMES = ['loss', 'accuracy', 'gradient-norm', 'learning-rate', 'held-out-loss'] as const;
export type CurveName = (typeof CURVE_NAMES)[number];

/** What an axis says. */
export const CURVE_TITLES: Readonly<Record<CurveName, string>> = {
  loss: 'training loss, nats per masked token',
  accuracy: 'masked accuracy',
  'gradient-norm': 'gradient norm before clipping',
  'learning-rate': 'learning rate',
  'held-out-loss': 'held-out loss, nats per masked token',
};

/** One curve of a run; without points where the run has none. */
export function curveOf(history: RunHistory, name: CurveName): Curve {
  const { steps, evaluations, name: label } = history;
  if (name === 'held-out-loss') {
    return { label, points: evaluations.map(({ step, lossNats }) => ({ step, value: lossNats })) };
  }
  const key = (
    {
      loss: 'lossNats',
      accuracy: 'accuracy',
      'gradient-norm': 'gradientNorm',
      'learning-rate': 'learningRate',
    } as const
  )[name];
  return { label, points: steps.map((event) => ({ step: event.step, value: event[key] })) };
}

/** At most `count` points: means over equal stretches of steps, so that noise does not hide the course. */
export function thinned({ label, points }: Curve, count: number): Curve {
  if (points.length <= count) return { label, points };
  const means = Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * points.length) / count);
    const to = Math.floor(((index + 1) * points.length) / count);
    const part = points.slice(from, to);
    const mean = (pick: (point: Point) => number) =>
      part.reduce((sum, point) => sum + pick(point), 0) / part.length;
    return { step: mean(({ step }) => step), value: mean(({ value }) => value) };
  });
  return { label, points: means };
}

/** The ranges of some curves; a range of one value is widened around it. Undefined without points. */
export function rangeOf(curves: readonly Curve[]): Range | undefined {
  const points = curves.flatMap((curve) => curve.points);
  if (points.length === 0) return undefined;
  const of = (pick: (point: Point) => number) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const point of points) [low, high] = [Math.min(low, pick(point)), Math.max(high, pick(point))];
    const margin = low === high ? Math.max(Math.abs(low) / 2, 1e-9) : 0;
    return { low: low - margin, high: high + margin };
  };
  return { steps: of(({ step }) => step), values: of(({ value }) => value) };
}

export interface Range {
  readonly steps: { readonly low: number; readonly high: number };
  readonly values: { readonly low: number; readonly high: number };
}

/** A number in at most four significant digits. */
export function shortNumber(value: number): string {
  const isPlain = value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6);
  return isPlain ? String(Number(value.toPrecision(4))) : value.toExponential(1);
}
