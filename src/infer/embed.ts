import type { Tokenizer } from '../tokenize/index.js';
import type { Predictor } from './predictor.js';
import {
  bestWindows,
  type TokenisedText,
  tokeniseText,
  type Window,
  windowIds,
  windowSize,
  windowsOf,
} from './windows.js';

/**
 * How the vectors of a text's tokens become one: their mean, the mean of them and the special tokens around them (as
 * sentence-transformers pools), that of the first special token, or the largest of each axis.
 */
export const POOLINGS = ['mean', 'mean-all', 'cls', 'max'] as const;
export type Pooling = (typeof POOLINGS)[number];

export interface EmbedOptions {
  /** 0 for the token embeddings, L for the last layer; negative ones count from the last, -1. */
  readonly layer: number;
  /** Tokens between the starts of the windows of a long text; half of what the model reads by default. */
  readonly stride?: number;
}

/** The vectors of a text's own tokens, and of the special tokens around them. */
export interface TokenVectors {
  readonly tokenised: TokenisedText;
  /** H */
  readonly width: number;
  /** f32[tokens, H] */
  readonly vectors: Float32Array;
  /** f32[H]; the mean over windows when there are several. */
  readonly cls: Float32Array;
  /** f32[H]: the sum over the special tokens; the mean of it over windows when there are several. */
  readonly specialSum: Float32Array;
  /** Special tokens around the text. */
  readonly specialCount: number;
  readonly windows?: { readonly count: number; readonly size: number; readonly stride: number };
}

interface Read {
  readonly tokenised: TokenisedText;
  readonly windows: readonly Window[];
  readonly stride: number;
}

const TEXTS_AT_ONCE = 128;

/**
 * The hidden states of one layer for every token of each text, in the order of the texts. A text that is longer than the
 * model reads is read in windows, each token in the one that gives it the most context.
 */
export async function* embedTokens(
  predictor: Predictor,
  tokenizer: Tokenizer,
  texts: Iterable<string>,
  options: EmbedOptions,
): AsyncGenerator<TokenVectors> {
  let waiting: Read[] = [];
  for (const text of texts) {
    waiting.push(readOf(tokenizer, text, predictor.maxTokens, options));
    if (waiting.length < TEXTS_AT_ONCE) continue;
    yield* await embedAll(predictor, waiting, options);
    waiting = [];
  }
  yield* await embedAll(predictor, waiting, options);
}

function readOf(tokenizer: Tokenizer, text: string, maxTokens: number, { stride }: EmbedOptions): Read {
  const tokenised = tokeniseText(tokenizer, text);
  const size = windowSize(tokenised, maxTokens);
  const step = stride ?? Math.max(1, Math.floor(size / 2));
  return { tokenised, windows: windowsOf(tokenised.ids.length, size, step), stride: step };
}

async function embedAll(
  predictor: Predictor,
  reads: readonly Read[],
  { layer }: EmbedOptions,
): Promise<TokenVectors[]> {
  const rows = reads.flatMap((read) =>
    read.windows.map((window) => ({ ids: windowIds(read.tokenised, window), positions: [], read, window })),
  );
  const hidden = new Map<Window, Float32Array>();
  for await (const { row, values } of predictor.ask({ kind: 'layer', layer }, rows)) {
    hidden.set(row.window, values);
  }
  return reads.map((read) => gather(read, hidden));
}

/** Each token's vector from the window that reads it best. */
function gather(
  { tokenised, windows, stride }: Read,
  hidden: ReadonlyMap<Window, Float32Array>,
): TokenVectors {
  const around = tokenised.before.length + tokenised.after.length;
  const [first] = windows as [Window, ...Window[]];
  const width = (hidden.get(first)?.length ?? 0) / (first.end - first.start + around);
  const count = tokenised.ids.length;
  const vectors = new Float32Array(count * width);
  for (const [token, best] of bestWindows(count, windows).entries()) {
    const window = windows[best] as Window;
    const place = (token - window.start + tokenised.before.length) * width;
    vectors.set((hidden.get(window) as Float32Array).subarray(place, place + width), token * width);
  }
  const states = windows.map((window) => hidden.get(window) as Float32Array);
  const cls = meanSum(states, width, () => [0]);
  const specialSum = meanSum(states, width, ({ length }) => {
    const tokens = Array.from({ length: length / width }, (_, token) => token);
    const { before, after } = tokenised;
    return [...tokens.slice(0, before.length), ...tokens.slice(tokens.length - after.length)];
  });
  const isCut = windows.length > 1;
  return {
    tokenised,
    width,
    vectors,
    cls,
    specialSum,
    specialCount: around,
    ...(isCut && { windows: { count: windows.length, size: first.end - first.start, stride } }),
  };
}

/** f32[H]: the sum over chosen tokens of each window's states f32[tokens, H], averaged over windows. */
function meanSum(
  states: readonly Float32Array[],
  width: number,
  tokensOf: (state: Float32Array) => readonly number[],
): Float32Array {
  const sum = new Float32Array(width);
  for (const state of states) {
    for (const token of tokensOf(state)) {
      for (let axis = 0; axis < width; axis++) {
        sum[axis] = (sum[axis] as number) + (state[token * width + axis] as number) / states.length;
      }
    }
  }
  return sum;
}

/** One vector f32[H] for the tokens [from, to) of a text, for all of them by default; `mean-all` is of whole texts. */
export function pool(
  { vectors, cls, specialSum, specialCount, width }: TokenVectors,
  pooling: Pooling,
  [from, to]: readonly [number, number] = [0, vectors.length / width],
): Float32Array {
  if (pooling === 'cls') return cls.slice();
  const pooled = new Float32Array(width).fill(pooling === 'max' ? -Infinity : 0);
  for (let token = from; token < to; token++) {
    for (let axis = 0; axis < width; axis++) {
      const value = vectors[token * width + axis] as number;
      const soFar = pooled[axis] as number;
      pooled[axis] = pooling === 'max' ? Math.max(soFar, value) : soFar + value / (to - from);
    }
  }
  if (pooling !== 'mean-all') return pooled;
  const all = to - from + specialCount;
  return pooled.map((value, axis) => (value * (to - from) + (specialSum[axis] as number)) / all);
}

/** A vector of length 1 in the same direction; the zero vector stays. */
export function normalised(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}

/** Cosine of the angle between two vectors, 0 where one of them is zero. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let [product, aa, bb] = [0, 0, 0];
  for (let axis = 0; axis < a.length; axis++) {
    const [x, y] = [a[axis] as number, b[axis] as number];
    product += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 0 : product / Math.sqrt(aa * bb);
}

/** The tokens [from, to) that the characters [start, end) of a text touch; undefined when there are none. */
export function tokensOf(
  { offsets }: TokenisedText,
  [start, end]: readonly [number, number],
): readonly [number, number] | undefined {
  const touches = ([from, to]: readonly [number, number]) => to > start && from < end;
  const first = offsets.findIndex(touches);
  return first < 0 ? undefined : [first, offsets.findLastIndex(touches) + 1];
}
