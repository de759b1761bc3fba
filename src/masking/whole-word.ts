import { ConfigError } from '../core/index.js';
import { type MaskableSequence, type MaskingStrategy, maskedCount } from './strategy.js';
import { chooseUnits, unitsOf } from './units.js';

/**
 * All tokens of a word or none (the whole-word models of BERT's authors, 2019; Cui et al. 2021, "Pre-Training with Whole
 * Word Masking for Chinese BERT"). Words are where the tokenizer's own word numbers and offsets put them, so any tokenizer
 * will do. At most one word of a sequence is cut, where none fits into what is left of the rate.
 */
export const wholeWordMasking: MaskingStrategy = {
  name: 'whole-word',
  choosePositions(sequence, rate, random) {
    const { maskable } = sequence;
    const count = maskedCount(maskable.length, rate, random);
    const starts = wordStartsOf(sequence, 'whole-word');
    return chooseUnits(
      maskable,
      unitsOf(maskable, (position) => starts[position] === 1),
      count,
      random,
    );
  },
};

/** The word starts of a sequence; a ConfigError when it has none. */
export function wordStartsOf({ wordStarts }: MaskableSequence, strategy: string): Uint8Array {
  if (wordStarts) return wordStarts;
  throw new ConfigError(
    `${strategy} masking needs to know where words begin: pack the corpus with encodeWords`,
  );
}
