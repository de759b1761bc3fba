import { ConfigError, DataError } from '../core/index.js';
import { cosine, topK } from '../infer/index.js';
import { type Embedding, type EmbedSettings, embed, wordSpans } from './embed.js';
import type { ModelOptions } from './fill.js';
import { formatOf, parseTexts, type RecordFormat, readInput } from './records.js';

export interface SimilarOptions extends ModelOptions, Omit<EmbedSettings, 'per' | 'normalise'> {
  readonly query: string;
  /** Compare this word of the query, where it stands, with every word of the texts, where each stands. */
  readonly word?: string;
  /** Texts to search, or a file of them. */
  readonly texts?: readonly string[];
  readonly input?: string;
  readonly format?: RecordFormat;
  /** 10 by default. */
  readonly topK?: number;
}

/** A text, or a word in it, near the query. */
export interface Neighbour {
  /** Cosine of the angle between the vectors. */
  readonly similarity: number;
  readonly index: number;
  readonly text: string;
  /** The word, with `word`. */
  readonly unit: string;
  readonly start: number;
  readonly end: number;
}

/** The texts nearest to a query, or the words in context nearest to a word of it, by cosine, nearest first. */
export async function similar(options: SimilarOptions): Promise<Neighbour[]> {
  const { query, word, topK: count = 10 } = options;
  const texts = await textsOf(options);
  const spans = word === undefined ? undefined : [[spanOf(query, word)], ...texts.map(wordSpans)];
  const [own, ...others] = await embed({
    ...options,
    texts: [query, ...texts],
    per: spans ? 'span' : 'text',
    ...(spans && { spans }),
  });
  const target = Float32Array.from((own as Embedding).vector);
  const similarities = Float32Array.from(others, ({ vector }) => cosine(target, Float32Array.from(vector)));
  return topK(similarities, count).map(({ id, probability: similarity }) => {
    const { index, unit, start, end } = others[id] as Embedding;
    return { similarity, index: index - 1, text: texts[index - 1] as string, unit, start, end };
  });
}

async function textsOf({ texts, input, format }: SimilarOptions): Promise<readonly string[]> {
  if (texts && texts.length > 0) return texts;
  if (input === undefined) throw new ConfigError('expected texts to search, or a file of them');
  return parseTexts(await readInput(input), format ?? formatOf(input), input).map(({ text }) => text);
}

function spanOf(query: string, word: string): [number, number] {
  const start = query.indexOf(word);
  if (word === '' || start < 0) throw new DataError(`the query does not hold the word '${word}'`);
  return [start, start + word.length];
}
