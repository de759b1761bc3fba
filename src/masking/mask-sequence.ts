import { ConfigError, RandomPurpose, type RandomPurposeId, RandomStream } from '../core/index.js';
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
 * Masks one sequence. `strategy` chooses the positions to predict (see `maskedCount` for how many); each of them
 * independently shows the mask token, a uniform token that is not special, or itself, by the shares of `policy`.
 * Special ids are never masked and never inserted. Throws a ConfigError when the vocabulary holds nothing but them.
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
  checkVocabulary(vocabulary);
  const maskable = maskablePositions(ids, vocabulary.specialIds);
  const positions = strategy.choosePositions(ids, maskable, policy.rate, random);
  const labels = positions.map((position) => ids[position] as number);
  const inputIds = Int32Array.from(ids);
  for (const position of positions) {
    inputIds[position] = corrupt(ids[position] as number, vocabulary, policy, random);
  }
  return { inputIds, positions, labels };
}

function checkVocabulary({ vocabSize, specialIds }: MaskingVocabulary): void {
  if (vocabSize > specialIds.length) return;
  throw new ConfigError(
    `masking needs a token that is not special, got ${vocabSize} ids of which ${specialIds.length} are special`,
  );
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
