import { z } from 'zod';
import { count, names, readOptions, share } from './option-schemas.js';
import { checkPolicy, type MaskingPolicy } from './policy.js';
import { checkRate, formatRate, parseRate, type RateConfig, rateAt } from './rate.js';
import { type PlainStrategyConfig, partsOf, readStrategy, type StrategyConfig } from './strategy-config.js';

/** Options of masking whatever the strategy. */
const commonSchema = z.strictObject({
  mask: share.default(0.8),
  random: share.default(0.1),
  keep: share.default(0.1),
  corruptionRate: share.optional(),
  /** Tokens that are never masked. */
  neverMask: names.default([]),
  /** Masks are drawn once for this many copies of the corpus and then repeated; absent: anew in every epoch. */
  static: count.optional(),
  /** Steps over which rates and curricula change; the run's own unless told. */
  scheduleSteps: count.optional(),
});
const commonKeys = Object.keys(commonSchema.shape);

/** How a run masks: plain data, recorded in lacuna.json, from which it can be repeated. */
export type MaskingConfig = z.output<typeof commonSchema> & {
  readonly strategy: StrategyConfig;
  readonly rate: RateConfig;
};

export interface MaskingRequest {
  /** Uniform unless told. */
  readonly strategy?: string | undefined;
  /** A number, or as `parseRate` reads it. */
  readonly rate: number | string;
  /** Options of the strategy and of masking at large, by name. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

/** Validates what was asked for and fills in defaults; a ConfigError names the option, what came and what is known. */
export function readMaskingConfig({
  strategy = 'uniform',
  rate,
  options = {},
}: MaskingRequest): MaskingConfig {
  const isCommon = ([key]: [string, unknown]) => commonKeys.includes(key);
  const entries = Object.entries(options);
  const own = Object.fromEntries(entries.filter((entry) => !isCommon(entry)));
  const common = Object.fromEntries(entries.filter(isCommon));
  const config: MaskingConfig = {
    ...readOptions(commonSchema, common, 'masking', commonKeys),
    strategy: readStrategy(strategy, own),
    rate: typeof rate === 'number' ? checkRate({ kind: 'constant', rate }) : parseRate(rate),
  };
  checkPolicy(policyAt(config, 0));
  return config;
}

/** The policy that holds when `progress` of the run, in [0, 1], is done. */
export function policyAt(config: MaskingConfig, progress: number): MaskingPolicy {
  const { rate, mask, random, keep, corruptionRate } = config;
  return {
    rate: rateAt(rate, progress),
    ...(rate.kind === 'range' ? { rateRange: [rate.least, rate.most] as const } : {}),
    ...(corruptionRate === undefined ? {} : { corruptionRate }),
    maskShare: mask,
    randomShare: random,
    keepShare: keep,
  };
}

/** Whether rates or strategies change over the run. */
export function changesOverTime({ rate, strategy }: MaskingConfig): boolean {
  return rate.kind === 'schedule' || strategy.name === 'curriculum';
}

/** Whether a strategy asks where words begin. */
export function needsWords({ strategy }: MaskingConfig): boolean {
  return partsOf(strategy).some((part) => part.name === 'whole-word' || (part.name === 'span' && part.words));
}

/** One line about a configuration. */
export function describeMasking({ strategy, rate, ...common }: MaskingConfig): string {
  const shown = ({ name, ...options }: PlainStrategyConfig) =>
    [name, ...Object.entries(options).map(([key, value]) => `${key}=${value}`)].join(' ');
  const name =
    strategy.name === 'curriculum'
      ? `curriculum from (${shown(strategy.from)}) to (${shown(strategy.to)})`
      : shown(strategy);
  const corruption = common.corruptionRate === undefined ? '' : `, corruption ${common.corruptionRate}`;
  return `${name}, rate ${formatRate(rate)}${corruption}, mask/random/keep ${common.mask}/${common.random}/${common.keep}`;
}
