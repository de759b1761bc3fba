import { ConfigError } from '../core/index.js';

/** A size that grows over the first steps of a run: from `from`, doubling, to the recipe's own size at step `steps`. */
export interface Ramp {
  readonly from: number;
  readonly steps: number;
}

/** What ramps are made of: the sizes they end at. */
export interface RampedSizes {
  /** Sequences of an optimizer step. */
  readonly batchSize: number;
  /** T */
  readonly sequenceLength: number;
  readonly batchRamp?: Ramp | undefined;
  readonly lengthRamp?: Ramp | undefined;
}

/** Steps of one size. */
export interface Stage {
  readonly fromStep: number;
  /** The first step of the next stage; infinity for the last. */
  readonly untilStep: number;
  /** Sequences of an optimizer step, of `sequenceLength` tokens each. */
  readonly batchSize: number;
  readonly sequenceLength: number;
  /** Pieces that a row of full length is cut into: 1 at full length. */
  readonly pieces: number;
  /** Pieces that the stages before have seen, counted in pieces of this stage; fractions where they are longer ones. */
  readonly firstPiece: number;
  /** Tokens that the stages before have seen. */
  readonly tokensBefore: number;
}

/** Tokens of [CLS] and [SEP]. */
const EDGES = 2;
const SHORTEST = 8;

/**
 * The stages of a run, in order, the last one open. Steps keep about as many tokens while sequences grow: of shorter ones
 * there are more. Throws a ConfigError for a ramp that does not rise.
 */
export function rampStages(sizes: RampedSizes): readonly [Stage, ...Stage[]] {
  const { batchSize, sequenceLength, batchRamp, lengthRamp } = sizes;
  const batches = rises('--batch-ramp', batchRamp, { to: batchSize, least: 1 });
  const lengths = rises('--length-ramp', lengthRamp, { to: sequenceLength, least: SHORTEST });
  const starts = [...new Set([...batches, ...lengths].map(({ fromStep }) => fromStep))].sort((a, b) => a - b);
  const stages: Stage[] = [];
  let [rows, tokens] = [0, 0];
  for (const [index, fromStep] of starts.entries()) {
    const untilStep = starts[index + 1] ?? Number.POSITIVE_INFINITY;
    const length = sizeAt(lengths, fromStep);
    const pieces = Math.floor((sequenceLength - EDGES) / (length - EDGES));
    const count = sizeAt(batches, fromStep) * pieces;
    const firstPiece = Math.ceil(rows * pieces);
    stages.push({
      ...{ fromStep, untilStep, batchSize: count, sequenceLength: length, pieces, firstPiece },
      tokensBefore: tokens,
    });
    rows = (firstPiece + (untilStep - fromStep) * count) / pieces;
    tokens += (untilStep - fromStep) * count * length;
  }
  return stages as [Stage, ...Stage[]];
}

/** The stage that a step belongs to. */
export function stageAt(stages: readonly [Stage, ...Stage[]], step: number): Stage {
  return stages.find(({ untilStep }) => step < untilStep) ?? stages[0];
}

/** Tokens that the first `step` steps of a run see. */
export function tokensOf(stages: readonly [Stage, ...Stage[]], step: number): number {
  const { fromStep, batchSize, sequenceLength, tokensBefore } = stageAt(stages, step);
  return tokensBefore + (step - fromStep) * batchSize * sequenceLength;
}

interface Rise {
  readonly fromStep: number;
  readonly size: number;
}

/** Equal stretches of steps, one for each doubling, then the final size. */
function rises(
  option: string,
  ramp: Ramp | undefined,
  { to, least }: { readonly to: number; readonly least: number },
): Rise[] {
  if (!ramp) return [{ fromStep: 0, size: to }];
  const { from, steps } = ramp;
  if (!(from >= least && from < to)) {
    throw new ConfigError(
      `${option} ${from}:${steps}: expected to begin from at least ${least} and below ${to}, the size it ends at`,
    );
  }
  const doublings = Math.ceil(Math.log2(to / from));
  if (steps < doublings) {
    throw new ConfigError(
      `${option} ${from}:${steps}: ${doublings} sizes on the way to ${to} need as many steps`,
    );
  }
  const sizes = Array.from({ length: doublings }, (_, index) => from * 2 ** index);
  const stretches = sizes.map((size, index) => ({ fromStep: Math.floor((index * steps) / doublings), size }));
  return [...stretches, { fromStep: steps, size: to }];
}

function sizeAt(list: readonly Rise[], step: number): number {
  return list.filter(({ fromStep }) => fromStep <= step).at(-1)?.size as number;
}
