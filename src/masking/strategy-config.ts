import { z } from 'zod';
import { ConfigError } from '../core/index.js';
import { count, flag, number, positive, readOptions, share } from './option-schemas.js';

/** Of strategies that watch how hard tokens are. */
const estimateShape = {
  /** 1 masks in proportion to e to the nats; larger ones prefer less. */
  temperature: positive.default(2),
  /** Steps between probes of the model; 0 for none, which leaves the corpus's unigram. */
  every: number.pipe(z.int().nonnegative()).default(100),
  /** Training sequences that a probe predicts. */
  sequences: count.default(64),
  /** What earlier probes count in the next. */
  decay: share.default(0.8),
  /** Weight of the unigram prior, in predictions of a token. */
  prior: positive.default(2),
};

const plainSchema = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('uniform') }),
  z.strictObject({ name: z.literal('whole-word') }),
  z.strictObject({
    name: z.literal('span'),
    p: share.pipe(z.number().positive()).default(0.2),
    max: count.default(10),
    words: flag.default(false),
  }),
  z.strictObject({
    name: z.literal('pmi'),
    maxLength: number.pipe(z.int().min(2).max(8)).default(5),
    minCount: count.default(10),
    perToken: positive.default(8),
  }),
  z.strictObject({ name: z.literal('surprisal'), ...estimateShape }),
  z.strictObject({ name: z.literal('entropy'), ...estimateShape }),
  z.strictObject({ name: z.literal('easy-first'), ...estimateShape }),
  z.strictObject({
    name: z.literal('frequency-balanced'),
    power: number.pipe(z.number().min(0).max(2)).default(0.5),
  }),
]);

/** A strategy that is not made of others, and its options after defaults. */
export type PlainStrategyConfig = z.output<typeof plainSchema>;
export type PlainStrategyName = PlainStrategyConfig['name'];

/** One strategy blended into another over the run. */
export interface CurriculumConfig {
  readonly name: 'curriculum';
  readonly from: PlainStrategyConfig;
  readonly to: PlainStrategyConfig;
}

export type StrategyConfig = PlainStrategyConfig | CurriculumConfig;
export type StrategyName = StrategyConfig['name'];

const plainNames = plainSchema.options.map(({ shape }) => shape.name.value);
/** Every strategy there is. */
export const STRATEGY_NAMES: readonly StrategyName[] = [...plainNames, 'curriculum'];

/**
 * A strategy by name; a curriculum has the options `from`, `to` and those of its parts, as `from.p` or `to.temperature`.
 * Throws a ConfigError that names the option, what came, and what is known.
 */
export function readStrategy(name: string, options: Readonly<Record<string, unknown>>): StrategyConfig {
  if (name !== 'curriculum') return readPlain(name, options);
  const { from = 'easy-first', to = 'surprisal', ...rest } = options;
  const unknown = Object.keys(rest).find((key) => !/^(from|to)\./.test(key));
  if (unknown) {
    throw new ConfigError(
      `curriculum masking has no option '${unknown}'; it has from, to, from.OPTION and to.OPTION`,
    );
  }
  const part = (prefix: string, chosen: unknown) => readPlain(String(chosen), withPrefix(rest, prefix));
  return { name, from: part('from.', from), to: part('to.', to) };
}

function readPlain(name: string, options: Readonly<Record<string, unknown>>): PlainStrategyConfig {
  const schema = plainSchema.options.find(({ shape }) => shape.name.value === name);
  if (!schema) throw new ConfigError(`no masking strategy '${name}'; there are ${STRATEGY_NAMES.join(', ')}`);
  const { name: _, ...known } = schema.shape;
  return readOptions(plainSchema, { ...options, name }, `${name} masking`, Object.keys(known));
}

function withPrefix(options: Readonly<Record<string, unknown>>, prefix: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
    ),
  );
}

/** The strategy itself, or the two of a curriculum. */
export function partsOf(strategy: StrategyConfig): readonly PlainStrategyConfig[] {
  return strategy.name === 'curriculum' ? [strategy.from, strategy.to] : [strategy];
}
