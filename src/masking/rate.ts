import { ConfigError } from '../core/index.js';

/** How many tokens are predicted: the same share always, from one to another over the run, or each sequence its own. */
export type RateConfig =
  | { readonly kind: 'constant'; readonly rate: number }
  | { readonly kind: 'schedule'; readonly from: number; readonly to: number }
  | { readonly kind: 'range'; readonly least: number; readonly most: number };

const NUMBER = String.raw`(\d*\.?\d+)`;
const FORMS = {
  constant: new RegExp(`^${NUMBER}$`),
  schedule: new RegExp(`^${NUMBER}:${NUMBER}$`),
  range: new RegExp(`^${NUMBER}\\.\\.${NUMBER}$`),
};

/**
 * A rate as it is written: `0.15`; `0.30:0.15`, linear over the run (Yang et al. 2023, "Learning Better Masking"); or
 * `0.1..0.5`, uniform for each sequence (as Aeneas and LLaDA draw theirs). Throws a ConfigError.
 */
export function parseRate(text: string): RateConfig {
  const numbers = (form: RegExp) => form.exec(text)?.slice(1).map(Number);
  const [rate] = numbers(FORMS.constant) ?? [];
  const [from, to] = numbers(FORMS.schedule) ?? [];
  const [least, most] = numbers(FORMS.range) ?? [];
  if (rate !== undefined) return checkRate({ kind: 'constant', rate });
  if (from !== undefined && to !== undefined) return checkRate({ kind: 'schedule', from, to });
  if (least !== undefined && most !== undefined) return checkRate({ kind: 'range', least, most });
  throw new ConfigError(`expected a masking rate such as 0.15, 0.30:0.15 or 0.1..0.5, got '${text}'`);
}

/** Gives the rate back; throws a ConfigError when one is out of (0, 1] or a range is empty. */
export function checkRate(config: RateConfig): RateConfig {
  const ends = endsOf(config);
  if (ends.some((rate) => !(rate > 0 && rate <= 1))) {
    throw new ConfigError(`the masking rate must be in (0, 1], got ${formatRate(config)}`);
  }
  if (config.kind === 'range' && config.least > config.most) {
    throw new ConfigError(`a range of masking rates begins with the smaller one, got ${formatRate(config)}`);
  }
  return config;
}

/** A rate as `parseRate` reads it. */
export function formatRate(config: RateConfig): string {
  return endsOf(config).join(config.kind === 'schedule' ? ':' : '..');
}

/** The largest rate that any sequence can have. */
export function largestRate(config: RateConfig): number {
  return Math.max(...endsOf(config));
}

/** The rate of a sequence, its mean where each draws its own, when `progress` of the run is done. */
export function rateAt(config: RateConfig, progress: number): number {
  const [first, last = first] = endsOf(config) as [number, number?];
  return config.kind === 'schedule' ? first + (last - first) * progress : (first + last) / 2;
}

function endsOf(config: RateConfig): number[] {
  if (config.kind === 'constant') return [config.rate];
  return config.kind === 'schedule' ? [config.from, config.to] : [config.least, config.most];
}
