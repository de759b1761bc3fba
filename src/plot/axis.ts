import { ConfigError } from '../core/index.js';

export type Scale = 'linear' | 'log';

/** An axis: where a value lies between its ends (0 to 1), and the values to label. */
export interface Axis {
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Labels of a linear axis: about this many. */
const LINEAR_TICKS = 5;

/**
 * The axis that holds `values`. A linear one starts at 0 or below and ends at a round number; a logarithmic one ends at
 * the extremes widened to the powers of `base`. Throws a ConfigError when a value is not finite, or not above 0 on a
 * logarithmic axis.
 */
export function axisOf(values: readonly number[], scale: Scale, base: 2 | 10 = 10): Axis {
  const wrong = values.find((value) => !Number.isFinite(value) || (scale === 'log' && value <= 0));
  if (values.length === 0 || wrong !== undefined) {
    throw new ConfigError(
      `a ${scale} axis needs finite values${scale === 'log' ? ' above 0' : ''}, got ${wrong ?? 'none'}`,
    );
  }
  return scale === 'log' ? logAxis(values, base) : linearAxis(values);
}

function logAxis(values: readonly number[], base: 2 | 10): Axis {
  const log = base === 2 ? Math.log2 : Math.log10;
  // Rounding first: log10(1000) is a little less than 3.
  const exact = values.map((value) => Number(log(value).toFixed(9)));
  const [first, end] = [Math.floor(Math.min(...exact)), Math.ceil(Math.max(...exact))];
  const last = Math.max(end, first + 1);
  return {
    place: (value) => (log(value) - first) / (last - first),
    ticks: Array.from({ length: last - first + 1 }, (_, index) => base ** (first + index)),
  };
}

function linearAxis(values: readonly number[]): Axis {
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const step = roundStep((high - low || 1) / LINEAR_TICKS);
  const [first, last] = [
    Math.floor(low / step),
    Math.max(Math.ceil(high / step), Math.floor(low / step) + 1),
  ];
  return {
    place: (value) => (value / step - first) / (last - first),
    ticks: Array.from({ length: last - first + 1 }, (_, index) =>
      Number(((first + index) * step).toPrecision(12)),
    ),
  };
}

/** The next of 1, 2, 5 times a power of ten that is not below `rough`. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((round) => round * power >= rough * (1 - 1e-9)) ?? 10;
  return factor * power;
}
