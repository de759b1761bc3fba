import { ConfigError, DataError } from '../core/index.js';
import { npyHeader } from '../formats/index.js';
import { embedTokens, normalised, type Pooling, pool, type TokenVectors, tokensOf } from '../infer/index.js';
import type { ModelOptions } from './fill.js';
import { answerMany, type ManyOptions, type ManyResult } from './many.js';
import { type ModelSession, withModel } from './model-session.js';
import { type EmbeddingRow, writeParquet } from './parquet.js';
import { formatOf, parseTexts, type RecordFormat, readInput, type TextRecord } from './records.js';

/** What has a vector: a whole text, each token, each word between white space, or the spans that records name. */
export const EMBED_UNITS = ['text', 'token', 'word', 'span'] as const;
export type EmbedUnit = (typeof EMBED_UNITS)[number];

export interface EmbedSettings {
  /** `text` by default. */
  readonly per?: EmbedUnit;
  /** `mean` by default. */
  readonly pooling?: Pooling;
  /** 0 for the token embeddings, L for the last layer, negative ones from the last; -1 by default. */
  readonly layer?: number;
  /** Scale vectors to length 1. */
  readonly normalise?: boolean;
  /** Tokens between the starts of the windows of a long text. */
  readonly stride?: number;
}

export interface EmbedTextsOptions extends ModelOptions, EmbedSettings {
  readonly texts: readonly string[];
  /** For `per: 'span'`: stretches [start, end) of each text. */
  readonly spans?: readonly (readonly (readonly [number, number])[])[];
}

export interface EmbedManyOptions extends ModelOptions, EmbedSettings, ManyOptions {
  readonly input: string;
  readonly format?: RecordFormat;
  /** `jsonl` by default; `npy` f32[texts, H] for `per: 'text'`; `parquet` is written when all is done. */
  readonly outputFormat?: 'jsonl' | 'npy' | 'parquet';
}

/** The vector of a text or of a part of it. */
export interface Embedding {
  /** Index of the text. */
  readonly index: number;
  /** What the vector is of. */
  readonly unit: string;
  /** [start, end) of it in UTF-16 code units of the text. */
  readonly start: number;
  readonly end: number;
  readonly vector: readonly number[];
  /** How a text that is longer than the model reads was cut. */
  readonly windows?: { readonly count: number; readonly size: number; readonly stride: number };
}

/** Vectors of texts or of their parts, in order. */
export async function embed(options: EmbedTextsOptions): Promise<Embedding[]> {
  const records = options.texts.map((text, index) => ({
    text,
    where: `text ${index + 1}`,
    ...(options.spans?.[index] && { spans: options.spans[index] }),
  }));
  return withModel(options.model, (session) => embedRecords(session, records, 0, options), options.threads);
}

/** Vectors for the texts of a file, as JSONL, .npy or Parquet. The first two can be interrupted and gone on with. */
export async function embedMany(options: EmbedManyOptions): Promise<ManyResult> {
  const { input, model, threads, output, signal, onProgress, outputFormat = 'jsonl', ...settings } = options;
  if (outputFormat === 'npy' && (settings.per ?? 'text') !== 'text') {
    throw new ConfigError(
      `.npy holds one vector for each text: write --per ${settings.per} as JSONL or Parquet`,
    );
  }
  const content = await readInput(input);
  const records = parseTexts(content, options.format ?? formatOf(input), input);
  const many = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const asked = ['embed', content, model, outputFormat, settings];
  return withModel(
    model,
    async (session) => {
      if (outputFormat === 'parquet') return embedParquet(session, records, settings, { output, ...many });
      const answer = async (batch: readonly TextRecord[], first: number) => {
        const rows = await embedRecords(session, batch, first, settings);
        return outputFormat === 'npy' ? bytesOf(rows) : rows.map((row) => `${JSON.stringify(row)}\n`);
      };
      const header = outputFormat === 'npy' ? npyHeader(records.length, session.model.config.hiddenSize) : '';
      return answerMany(records, asked, answer, { output, ...many }, header);
    },
    threads,
  );
}

async function embedParquet(
  session: ModelSession,
  records: readonly TextRecord[],
  settings: EmbedSettings,
  { output, ...many }: ManyOptions,
): Promise<ManyResult> {
  if (typeof output === 'function') throw new ConfigError('Parquet is written to a file: give --out');
  const rows: EmbeddingRow[] = [];
  const collect = async (batch: readonly TextRecord[], first: number) => {
    rows.push(...(await embedRecords(session, batch, first, settings)));
    return [];
  };
  const result = await answerMany(records, [], collect, { output: () => undefined, ...many });
  if (!result.interrupted) await writeParquet(output, rows);
  return result;
}

function bytesOf(rows: readonly Embedding[]): Uint8Array {
  const numbers = Float32Array.from(rows.flatMap(({ vector }) => vector));
  return new Uint8Array(numbers.buffer);
}

async function embedRecords(
  { predictor, opened, model }: ModelSession,
  records: readonly TextRecord[],
  first: number,
  { per = 'text', pooling = 'mean', layer = -1, normalise = false, stride }: EmbedSettings,
): Promise<Embedding[]> {
  const L = model.config.numHiddenLayers;
  const own = layer < 0 ? L + 1 + layer : layer;
  if (own < 0 || own > L)
    throw new ConfigError(`the model has layers 0 to ${L}, or -1 to -${L + 1}; got ${layer}`);
  if (pooling === 'mean-all' && per !== 'text')
    throw new ConfigError(
      `mean-all takes in the special tokens of a whole text: expected per 'text', got '${per}'`,
    );
  const empty = records.find(({ text }) => text.trim() === '');
  if (empty) throw new DataError(`${empty.where} is empty: expected at least one word`);
  const rows: Embedding[] = [];
  const texts = records.map(({ text }) => text);
  let order = 0;
  for await (const vectors of embedTokens(predictor, opened.tokenizer, texts, {
    layer: own,
    ...(stride !== undefined && { stride }),
  })) {
    const record = records[order] as TextRecord;
    for (const { tokens, start, end } of unitsOf(vectors, per, record)) {
      const pooled = pool(vectors, per === 'token' ? 'mean' : pooling, tokens);
      const vector = [...(normalise ? normalised(pooled) : pooled)];
      const { windows } = vectors;
      const unit = record.text.slice(start, end);
      rows.push({ index: first + order, unit, start, end, vector, ...(windows && { windows }) });
    }
    order++;
  }
  return rows;
}

interface Unit {
  readonly tokens: readonly [number, number];
  readonly start: number;
  readonly end: number;
}

/** What has a vector in a text. Throws a DataError for a span without a token, or a record without spans. */
function unitsOf({ tokenised }: TokenVectors, per: EmbedUnit, { text, where, spans }: TextRecord): Unit[] {
  if (per === 'text') return [{ tokens: [0, tokenised.ids.length], start: 0, end: text.length }];
  if (per === 'token') {
    return tokenised.offsets.map(([start, end], token) => ({ tokens: [token, token + 1], start, end }));
  }
  const wanted = per === 'word' ? wordSpans(text) : spans;
  if (!wanted) throw new DataError(`${where} names no spans: expected "spans": [[start, end], ...]`);
  return wanted.map(([start, end]) => {
    const tokens = tokensOf(tokenised, [start, end]);
    if (!tokens) throw new DataError(`${where}: the span [${start}, ${end}) holds no token of the text`);
    return { tokens, start, end };
  });
}

/** [start, end) of the stretches between white space. */
export function wordSpans(text: string): [number, number][] {
  return [...text.matchAll(/\S+/g)].map((match) => [match.index, match.index + match[0].length]);
}
