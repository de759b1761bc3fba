import { InvalidArgumentError } from 'commander';

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;
const BUDGET_PATTERN = /^(\d+(?:\.\d+)?|\.\d+)([smh])$/;

/** A training time such as 90s, 2m or 1.5h, in milliseconds. Throws commander's InvalidArgumentError. */
export function parseBudget(text: string): number {
  const [, amount, unit] = BUDGET_PATTERN.exec(text) ?? [];
  const milliseconds = Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  if (!(milliseconds > 0 && Number.isFinite(milliseconds))) {
    throw new InvalidArgumentError('Expected a time above zero, such as 90s, 2m or 1.5h.');
  }
  return milliseconds;
}

/** A size to begin from and the steps in which it grows, such as 4:500. Throws commander's InvalidArgumentError. */
export function parseRamp(text: string): { readonly from: number; readonly steps: number } {
  const [, from, steps] = /^([1-9]\d{0,8}):([1-9]\d{0,8})$/.exec(text) ?? [];
  if (from === undefined || steps === undefined) {
    throw new InvalidArgumentError('Expected a size to begin from and a number of steps, such as 4:500.');
  }
  return { from: Number(from), steps: Number(steps) };
}

/** A parser of whole numbers from `min` to `max`, both included. */
export function integerBetween(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** A parser of decimal numbers from `min` to `max`, both included. */
export function numberBetween(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= min && value <= max)) {
      throw new InvalidArgumentError(`Expected a number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** The ranges that several commands share. */
export const seedValue = integerBetween(0, Number.MAX_SAFE_INTEGER);
export const maskRateValue = numberBetween(0.01, 0.95);
export const shareValue = numberBetween(0.0001, 1);
export const topKValue = integerBetween(1, 1000);
