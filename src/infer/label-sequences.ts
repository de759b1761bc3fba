import { type LabelledSequence, NO_LABEL } from '../data/index.js';
import type { Tokenizer } from '../tokenize/index.js';

/** A text as the model reads it, cut off at its longest sequence; `label` is its class, if known. */
export function textSequence(
  tokenizer: Tokenizer,
  text: string,
  maxTokens: number,
  label = NO_LABEL,
): LabelledSequence {
  const ids = tokenizer.encodeIds(text).subarray(0, maxTokens - 2);
  return { inputIds: framed(tokenizer, ids), labels: Int32Array.of(label) };
}

/** Words of a sentence in sequences that the model can read, with where the first token of each word is. */
export interface WordSequence extends LabelledSequence {
  /** Places in `inputIds`, one for each word of this sequence. */
  readonly wordStarts: readonly number[];
}

/**
 * A sentence, word by word: each word's first token carries its label (Devlin et al. 2019, section 5.3), the others
 * none. A sentence that is longer than the model reads becomes several sequences.
 */
export function wordSequences(
  tokenizer: Tokenizer,
  words: readonly string[],
  maxTokens: number,
  labels: readonly number[] = words.map(() => NO_LABEL),
): WordSequence[] {
  const sequences: WordSequence[] = [];
  let ids: number[] = [];
  let starts: number[] = [];
  let given: number[] = [];
  const finish = () => {
    if (starts.length === 0) return;
    const marks = new Int32Array(ids.length + 2).fill(NO_LABEL);
    for (const [index, start] of starts.entries()) marks[start] = given[index] as number;
    sequences.push({ inputIds: framed(tokenizer, ids), labels: marks, wordStarts: starts });
    [ids, starts, given] = [[], [], []];
  };
  for (const [index, word] of words.entries()) {
    const pieces = [...tokenizer.encodeIds(word)];
    const tokens = (pieces.length > 0 ? pieces : [tokenizer.special.unk]).slice(0, maxTokens - 2);
    if (ids.length + tokens.length > maxTokens - 2) finish();
    starts.push(ids.length + 1);
    ids.push(...tokens);
    given.push(labels[index] as number);
  }
  finish();
  return sequences;
}

function framed({ special }: Tokenizer, ids: ArrayLike<number>): Int32Array {
  return Int32Array.of(special.cls, ...Array.from(ids), special.sep);
}

/** The largest of C probabilities from `start` on: its index and its value. */
export function likeliest(
  probabilities: Float32Array,
  classes: number,
  row = 0,
): { readonly label: number; readonly probability: number } {
  const values = probabilities.subarray(row * classes, (row + 1) * classes);
  const probability = values.reduce((a, b) => Math.max(a, b), 0);
  return { label: values.indexOf(probability), probability };
}
