import type { PackedSequences } from '../../data/index.js';
import type { MaskingVocabulary } from '../../masking/index.js';

/** Rows of ids, all of one length, as a packed corpus. */
export function packedRows(rows: readonly (readonly number[])[]): PackedSequences {
  const sequenceLength = rows[0]?.length ?? 0;
  const ids = Int32Array.from(rows.flat());
  return {
    sequenceLength,
    count: rows.length,
    row: (index) => ids.subarray(index * sequenceLength, (index + 1) * sequenceLength),
  };
}

/** A vocabulary whose last special id is the mask. */
export function vocabularyOf(vocabSize: number, specialIds: readonly number[]): MaskingVocabulary {
  return { vocabSize, specialIds, maskId: specialIds.at(-1) ?? -1 };
}
