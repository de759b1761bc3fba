import { RandomPurpose, type RandomPurposeId, RandomStream } from '../core/index.js';
import type { MaskingPolicy } from './policy.js';
import type { MaskingStrategy } from './strategy.js';
import { uniformMasking } from './uniform.js';

/** What masking needs to know of a vocabulary. */
export interface MaskingVocabulary {
  readonly vocabSize: number;
  /** Ids that are never masked and never inserted. */
  readonly specialIds: readonly number[];
  readonly maskId: number;
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

/**
 * Most positions that any sequence of `sequenceLength` tokens gets when at least `reserved` of them are special
 * ([CLS] and [SEP] by default): what room to keep in a batch of fixed size.
 */
export function maskedCountBound(sequenceLength: number, rate: number, reserved = 2): number {
  const maskable = Math.max(1, sequenceLength - reserved);
  return Math.min(maskable, Math.max(1, Math.floor(rate * maskable) + 1));
}

/**
 * Masks one sequence. The number of predicted positions is floor(rate * maskable + u) with u uniform in [0, 1), as in
 * fairseq, so that it is exact on average, and at least 1 where anything is maskable. Each of them independently shows
 * the mask token, a random token that is not special, or itself. Special ids are never masked.
 */
export function maskSequence(
  ids: Int32Array,
  vocabulary: MaskingVocabulary,
  policy: MaskingPolicy,
  address: MaskingAddress,
  strategy: MaskingStrategy = uniformMasking,
): MaskedSequence {
  const { seed, epoch, sequenceIndex, purpose = RandomPurpose.masking } = address;
  const random = new RandomStream(seed, purpose, epoch, sequenceIndex);
  const maskable = maskablePositions(ids, vocabulary.specialIds);
  const rounded = Math.floor(policy.rate * maskable.length + random.nextFloat());
  const count = Math.min(maskable.length, Math.max(1, rounded));
  const positions = strategy.choosePositions(ids, maskable, count, random);
  const inputIds = Int32Array.from(ids);
  const labels = new Int32Array(positions.length);
  for (const [index, position] of positions.entries()) {
    const label = ids[position] as number;
    labels[index] = label;
    inputIds[position] = corrupt(label, vocabulary, policy, random);
  }
  return { inputIds, positions, labels };
}

function maskablePositions(ids: Int32Array, specialIds: readonly number[]): Int32Array {
  const positions: number[] = [];
  for (const [position, id] of ids.entries()) if (!specialIds.includes(id)) positions.push(position);
  return Int32Array.from(positions);
}

/** What stands at a predicted position in the input. */
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
