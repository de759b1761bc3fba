import { DataError } from '../core/index.js';
import type { Tokenizer } from '../tokenize/index.js';
import type { Predictor } from './predictor.js';
import { topK } from './top-k.js';

/** One filling of one mask, in the shape of Hugging Face's fill-mask answer. */
export interface FillCandidate {
  /** Probability among the valid ids. */
  readonly score: number;
  /** Id of the token. */
  readonly token: number;
  readonly token_str: string;
  /** The text as it was written with this mask filled by this token; other masks stay. */
  readonly sequence: string;
}

export interface FillOptions {
  readonly topK: number;
  /** Most tokens the model reads, special ones included. */
  readonly maxTokens: number;
}

/**
 * The top-k candidates of every mask of a text, mask by mask. The masks are predicted in one pass and independently of
 * one another. A text without a mask, or of more tokens than the model reads, is a DataError.
 */
export async function fillText(
  predictor: Predictor,
  tokenizer: Tokenizer,
  text: string,
  options: FillOptions,
): Promise<FillCandidate[][]> {
  const { ids, offsets } = tokenizer.encode(text);
  const maskToken = tokenizer.idToToken(tokenizer.special.mask) ?? '[MASK]';
  const positions = ids.flatMap((id, position) => (id === tokenizer.special.mask ? [position] : []));
  if (positions.length === 0) {
    throw new DataError(
      `no ${maskToken} in the text "${shorten(text)}": write ${maskToken} where a word is missing`,
    );
  }
  if (ids.length > options.maxTokens) {
    throw new DataError(
      `the text "${shorten(text)}" has ${ids.length} tokens, the model reads at most ${options.maxTokens}: shorten it`,
    );
  }
  const shape = { batchSize: 1, sequenceLength: ids.length, predictions: positions.length };
  const batch = { inputIds: Int32Array.from(ids), positions: Int32Array.from(positions) };
  const probabilities = await predictor.predict(shape, batch);
  const V = probabilities.length / positions.length;
  return positions.map((position, mask) =>
    topK(probabilities.subarray(mask * V, (mask + 1) * V), options.topK).map(({ id, probability }) => ({
      score: probability,
      token: id,
      token_str: tokenizer.idToToken(id) ?? '',
      sequence: fillSequence(tokenizer, text, offsets[position] ?? [0, 0], id),
    })),
  );
}

/** The text with a token where the mask stood; a continuation piece joins the word before it. */
function fillSequence(
  tokenizer: Tokenizer,
  text: string,
  [start, end]: readonly [number, number],
  id: number,
): string {
  const before = text.slice(0, start);
  const token = tokenizer.idToToken(id) ?? '';
  const isContinuation = token.startsWith('##') && token.length > 2;
  return isContinuation
    ? before.trimEnd() + token.slice(2) + text.slice(end)
    : before + token + text.slice(end);
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
