import type { Tokenizer } from '../tokenize/index.js';
import type { Predictor } from './predictor.js';
import { type Prompt, readPrompts } from './prompt.js';
import { Surfaces } from './surface.js';
import { topK } from './top-k.js';
import type { Window } from './windows.js';

/** One filling of one mask, in the shape of Hugging Face's fill-mask answer. */
export interface FillCandidate {
  /** Probability among the valid ids. */
  readonly score: number;
  /** Id of the token. */
  readonly token: number;
  readonly token_str: string;
  /** The text as it was written with this mask filled by this token; other masks stay. */
  readonly sequence: string;
  /** Which of the text's tokens the model read, and of how many, when the text was too long to be read at once. */
  readonly window?: Window & { readonly of: number };
}

export interface FillOptions {
  readonly topK: number;
}

/** Texts whose rows wait for one another, so that rows of like length share runs. */
const TEXTS_AT_ONCE = 256;

/**
 * The top-k candidates of every mask of each text, mask by mask, in the order of the texts. Masks are predicted in one
 * pass and independently of one another; a text too long for the model is read in windows around its masks, and the
 * candidates say so. A text without a mask is a DataError.
 */
export async function* fillTexts(
  predictor: Predictor,
  tokenizer: Tokenizer,
  texts: Iterable<string>,
  options: FillOptions,
): AsyncGenerator<FillCandidate[][]> {
  const surfaces = new Surfaces(tokenizer);
  let waiting: Prompt[][] = [];
  for (const text of texts) {
    waiting.push(readPrompts(tokenizer, text, predictor.maxTokens));
    if (waiting.length < TEXTS_AT_ONCE) continue;
    yield* await fillPrompts(predictor, tokenizer, surfaces, waiting, options);
    waiting = [];
  }
  yield* await fillPrompts(predictor, tokenizer, surfaces, waiting, options);
}

/** As `fillTexts` for one text. */
export async function fillText(
  predictor: Predictor,
  tokenizer: Tokenizer,
  text: string,
  options: FillOptions,
): Promise<FillCandidate[][]> {
  for await (const masks of fillTexts(predictor, tokenizer, [text], options)) return masks;
  return [];
}

async function fillPrompts(
  predictor: Predictor,
  tokenizer: Tokenizer,
  surfaces: Surfaces,
  texts: readonly (readonly Prompt[])[],
  { topK: count }: FillOptions,
): Promise<FillCandidate[][][]> {
  const rows = texts.flat().map((prompt) => ({ ids: prompt.ids, positions: prompt.sites, prompt }));
  const filled = new Map<Prompt, FillCandidate[][]>();
  for await (const { row, values } of predictor.ask({ kind: 'probabilities' }, rows)) {
    const { text, spans, window } = row.prompt;
    const V = values.length / spans.length;
    const masks = spans.map((span, mask) =>
      topK(values.subarray(mask * V, (mask + 1) * V), count).map(({ id, probability }) => ({
        score: probability,
        token: id,
        token_str: tokenizer.idToToken(id) ?? '',
        sequence: surfaces.fill(text, [span], [id]),
        ...(window && { window }),
      })),
    );
    filled.set(row.prompt, masks);
  }
  return texts.map((prompts) => prompts.flatMap((prompt) => filled.get(prompt) ?? []));
}
