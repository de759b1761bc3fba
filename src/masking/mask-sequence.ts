import { ConfigError, RandomPurpose, type RandomPurposeId, RandomStream } from '../core/index.js';
import type { MaskingPolicy } from './policy.js';
import { sampleUniformly } from './sample.js';
import { type MaskingStrategy, maskedCount } from './strategy.js';
import { uniformMasking } from './uniform.js';

/** What masking needs to know of a vocabulary. */
export interface MaskingVocabulary {
  readonly vocabSize: number;
  /** Ids that are never masked and never inserted. */
  readonly specialIds: readonly number[];
  readonly maskId: number;
  /** Ordinary ids that are never masked; they may be inserted. */
  readonly neverMaskIds?: readonly number[];
}

/** Where in the run a sequence is masked: its masks are a function of this alone. */
export interface MaskingAddress {
  readonly seed: number;
  readonly epoch: number;
  readonly sequenceIndex: number;
  readonly purpose?: RandomPurposeId;
}

/** A sequence with some of its tokens hidden. */
export interface MaskedSequence {
  /** What the model sees, i32[T]. */
  readonly inputIds: Int32Array;
  /** Positions to predict, ascending. */
  readonly positions: Int32Array;
  /** The tokens that stood there. */
  readonly labels: Int32Array;
}

export interface MaskSequenceOptions {
  /** Uniform unless told. */
  readonly strategy?: MaskingStrategy;
  /** 1 where a position begins a word, u8[T]. */
  readonly wordStarts?: Uint8Array | undefined;
}

/**
 * Masks one sequence. The strategy chooses the positions to predict (see `maskedCount` for how many); each of them
 * independently shows the mask token, a uniform token that is not special, or itself, by the shares of `policy`.
 * Special ids are never masked and never inserted. Throws a ConfigError when the vocabulary holds nothing but them.
 */
export function maskSequence(
  ids: Int32Array,
  vocabulary: MaskingVocabulary,
  policy: MaskingPolicy,
  address: MaskingAddress,
  { strategy = uniformMasking, wordStarts }: MaskSequenceOptions = {},
): MaskedSequence {
  const { seed, epoch, sequenceIndex, purpose = RandomPurpose.masking } = address;
  const random = new RandomStream(seed, purpose, epoch, sequenceIndex);
  checkVocabulary(vocabulary);
  const maskable = maskablePositions(ids, vocabulary);
  const choose = (rate: number) => strategy.choosePositions({ ids, maskable, wordStarts }, rate, random);
  const { positions, corrupted } = choosePositions(choose, maskable.length, policy, random);
  const labels = positions.map((position) => ids[position] as number);
  const inputIds = Int32Array.from(ids);
  for (const position of corrupted) {
    inputIds[position] = corrupt(ids[position] as number, vocabulary, policy, random);
  }
  return { inputIds, positions, labels };
}

/** Positions to predict and positions to corrupt: the same, unless the policy has a rate of its own for corruption. */
function choosePositions(
  choose: (rate: number) => Int32Array,
  maskable: number,
  policy: MaskingPolicy,
  random: RandomStream,
): { readonly positions: Int32Array; readonly corrupted: Int32Array } {
  const { rateRange } = policy;
  const rate = rateRange ? rateRange[0] + (rateRange[1] - rateRange[0]) * random.nextFloat() : policy.rate;
  const { corruptionRate = rate } = policy;
  const larger = choose(Math.max(rate, corruptionRate));
  if (corruptionRate === rate) return { positions: larger, corrupted: larger };
  const count = maskedCount(maskable, Math.min(rate, corruptionRate), random);
  const smaller = sampleUniformly(larger, Math.min(count, larger.length), random);
  return rate > corruptionRate
    ? { positions: larger, corrupted: smaller }
    : { positions: smaller, corrupted: larger };
}

function checkVocabulary({ vocabSize, specialIds }: MaskingVocabulary): void {
  if (vocabSize > specialIds.length) return;
  throw new ConfigError(
    `masking needs a token that is not special, got ${vocabSize} ids of which ${specialIds.length} are special`,
  );
}

/** Positions whose ids may be masked, ascending. */
export function maskablePositions(
  ids: Int32Array,
  { specialIds, neverMaskIds = [] }: Pick<MaskingVocabulary, 'specialIds' | 'neverMaskIds'>,
): Int32Array {
  const positions: number[] = [];
  for (const [position, id] of ids.entries()) {
    if (!specialIds.includes(id) && !neverMaskIds.includes(id)) positions.push(position);
  }
  return Int32Array.from(positions);
}

/** What stands at a corrupted position in the input. */
function corrupt(
  id: number,
  vocabulary: MaskingVocabulary,
  policy: MaskingPolicy,
  random: RandomStream,
): number {
  const draw = random.nextFloat();
  if (draw < policy.maskShare) return vocabulary.maskId;
  if (draw < policy.maskShare + policy.randomShare) return randomOrdinaryId(vocabulary, random);
  return id;
}

/** A uniform id that is not special, by rejection: specials are few. */
function randomOrdinaryId({ vocabSize, specialIds }: MaskingVocabulary, random: RandomStream): number {
  let id = random.nextInt(vocabSize);
  while (specialIds.includes(id)) id = random.nextInt(vocabSize);
  return id;
}
