import { ConfigError } from '../core/index.js';
import type { AddedTokens } from './added-tokens.js';
import { AlignedText } from './aligned-text.js';
import { BoundedCache } from './bounded-cache.js';
import { writePadding, writeTruncation } from './codec/limits.js';
import type { TokenizerJson } from './codec/schema.js';
import {
  concatColumns,
  emptyColumns,
  type MutableColumns,
  type TextColumns,
  type TokenColumns,
} from './columns.js';
import type { Decoder, Model, Normalizer, PostProcessor, PreTokenizer } from './component.js';
import { type Padding, pad, paddedLength } from './padding.js';
import { specialTokenIds } from './special-token-ids.js';
import type {
  DecodeOptions,
  EncodeInput,
  EncodeOptions,
  Encoding,
  SpecialTokens,
  Tokenizer,
} from './tokenizer.js';
import { type Truncation, truncate, type Windows } from './truncation.js';
import { WordSplitter, wellFormed } from './word-splitter.js';

/** Distinct words remembered; a few dozen megabytes at most. */
const CACHE_CAPACITY = 1 << 17;

/** The parts of a tokenizer, in the order in which text goes through them. */
export interface PipelineParts {
  readonly addedTokens: AddedTokens;
  readonly normalizer: Normalizer;
  readonly preTokenizer: PreTokenizer;
  readonly model: Model;
  readonly postProcessor: PostProcessor;
  readonly decoder: Decoder;
  /** null or absent for none. */
  readonly truncation?: Truncation | null;
  /** null or absent for none. */
  readonly padding?: Padding | null;
}

/** A tokenizer made of exchangeable components, as in Hugging Face's `tokenizers`. */
export class PipelineTokenizer implements Tokenizer {
  readonly special: SpecialTokens;
  readonly specialIds: readonly number[];
  private readonly tokens: readonly string[];
  private readonly addedIds: ReadonlyMap<string, number>;
  private readonly specialIdSet: ReadonlySet<number>;
  private readonly splitter: WordSplitter;
  private readonly idsOfChunk: BoundedCache<readonly number[]>;

  /** Throws ConfigError when ids disagree or leave gaps, or the model's unknown token is in no vocabulary. */
  constructor(private readonly parts: PipelineParts) {
    const added = parts.addedTokens.all;
    this.tokens = allTokens(parts);
    this.addedIds = new Map(added.map(({ content, id }) => [content, id]));
    const { unkToken } = parts.model;
    this.special = specialTokenIds(added, unkToken === undefined ? undefined : this.tokenToId(unkToken));
    this.specialIds = added
      .filter(({ isSpecial }) => isSpecial)
      .map(({ id }) => id)
      .sort((a, b) => a - b);
    this.specialIdSet = new Set(this.specialIds);
    this.splitter = new WordSplitter(parts.normalizer, parts.preTokenizer);
    this.idsOfChunk = new BoundedCache((chunk) => this.chunkToIds(chunk), CACHE_CAPACITY);
  }

  get vocabSize(): number {
    return this.tokens.length;
  }

  tokenToId(token: string): number | undefined {
    return this.addedIds.get(token) ?? this.parts.model.tokenToId(token);
  }

  idToToken(id: number): string | undefined {
    return this.tokens[id];
  }

  encode(text: string, options: EncodeOptions = {}): Encoding {
    const input: EncodeInput = options.pair === undefined ? text : [text, options.pair];
    return this.encodeBatch([input], options)[0] as Encoding;
  }

  encodeBatch(inputs: readonly EncodeInput[], options: Omit<EncodeOptions, 'pair'> = {}): Encoding[] {
    const encodings = inputs.map((input) => this.encodeUnpadded(input, options));
    const padding = options.padding === undefined ? this.parts.padding : options.padding;
    if (padding == null) return encodings;
    const length = paddedLength(
      encodings.map(({ ids }) => ids.length),
      padding,
    );
    return encodings.map(({ overflowing, ...columns }) => ({
      ...pad(columns, length, padding),
      overflowing: overflowing.map((part) => pad(part, length, padding)),
    }));
  }

  private encodeUnpadded(input: EncodeInput, options: EncodeOptions): Encoding {
    const texts = typeof input === 'string' ? [input] : input;
    const sequences = texts.map((text, index) => this.encodeSequence(text, index === 0 ? 0 : 1));
    const addSpecialTokens = options.addSpecialTokens ?? true;
    const windows = this.truncated(sequences, addSpecialTokens, options.truncation);
    const process = (parts: readonly TextColumns[]): TokenColumns =>
      concatColumns(this.parts.postProcessor.process(parts, addSpecialTokens));
    const [kept, ...overflowing] = combinations(windows);
    return { ...process(kept as TextColumns[]), overflowing: overflowing.map(process) };
  }

  private truncated(
    sequences: readonly TextColumns[],
    addSpecialTokens: boolean,
    given: Truncation | null | undefined,
  ): Windows[] {
    const truncation = given === undefined ? this.parts.truncation : given;
    if (truncation == null) return sequences.map((sequence) => [sequence]);
    const added = addSpecialTokens ? this.parts.postProcessor.addedTokens(sequences.length > 1) : 0;
    if (added > truncation.maxLength) {
      throw new ConfigError(
        `truncation maxLength: expected room for ${added} special tokens, got ${truncation.maxLength}`,
      );
    }
    return truncate(sequences, truncation, truncation.maxLength - added);
  }

  private encodeSequence(raw: string, sequenceId: 0 | 1): TextColumns {
    const text = wellFormed(raw);
    const columns = emptyColumns();
    let wordId = 0;
    for (const { start, end, added } of this.parts.addedTokens.splitRaw(text)) {
      if (added === undefined) {
        wordId = this.encodeRawText(columns, AlignedText.of(text.slice(start, end), start), wordId);
      } else {
        appendToken(columns, added.id, text.slice(start, end), [start, end], wordId++);
      }
    }
    for (let index = 0; index < columns.ids.length; index++) {
      columns.sequenceIds.push(sequenceId);
      columns.typeIds.push(sequenceId);
      columns.specialTokensMask.push(0);
      columns.attentionMask.push(1);
    }
    return { text, ...columns };
  }

  /** Encodes text without raw added tokens; gives the number of the next word. */
  private encodeRawText(columns: MutableColumns, raw: AlignedText, firstWordId: number): number {
    const { normalizer, addedTokens, preTokenizer, model } = this.parts;
    const normalized = normalizer.normalize(raw);
    let wordId = firstWordId;
    for (const { start, end, added } of addedTokens.splitNormalized(normalized.text)) {
      if (added !== undefined) {
        const found = normalized.text.slice(start, end);
        appendToken(columns, added.id, found, normalized.originalRange(start, end), wordId++);
        continue;
      }
      for (const word of preTokenizer.split(normalized.slice(start, end))) {
        for (const { id, start, end } of model.tokenize(word.text)) {
          appendToken(columns, id, this.tokens[id] as string, word.originalRange(start, end), wordId);
        }
        wordId++;
      }
    }
    return wordId;
  }

  encodeIds(text: string): Int32Array {
    let ids = new Int32Array(64 + (text.length >>> 1));
    let length = 0;
    this.splitter.forEachChunk(text, (chunk) => {
      const chunkIds = this.idsOfChunk.get(chunk);
      if (length + chunkIds.length > ids.length) ids = grown(ids, length + chunkIds.length);
      for (const id of chunkIds) ids[length++] = id;
    });
    return ids.slice(0, length);
  }

  private chunkToIds(chunk: string): number[] {
    return this.splitter.words(chunk).flatMap((word) => this.parts.model.tokenize(word).map(({ id }) => id));
  }

  decode(ids: Iterable<number>, options: DecodeOptions = {}): string {
    const skipSpecialTokens = options.skipSpecialTokens ?? true;
    const tokens: string[] = [];
    for (const id of ids) {
      const token = this.tokens[id];
      if (token !== undefined && !(skipSpecialTokens && this.specialIdSet.has(id))) tokens.push(token);
    }
    return this.parts.decoder.decode(tokens).join('');
  }

  toJSON(): TokenizerJson {
    const { truncation, padding } = this.parts;
    return {
      version: '1.0',
      truncation: truncation == null ? null : writeTruncation(truncation),
      padding: padding == null ? null : writePadding(padding),
      added_tokens: this.parts.addedTokens.toJSON(),
      normalizer: this.parts.normalizer.toJSON(),
      pre_tokenizer: this.parts.preTokenizer.toJSON(),
      post_processor: this.parts.postProcessor.toJSON(),
      decoder: this.parts.decoder.toJSON(),
      model: this.parts.model.toJSON(),
    };
  }
}

function appendToken(
  columns: MutableColumns,
  id: number,
  token: string,
  range: readonly [number, number],
  wordId: number,
): void {
  columns.ids.push(id);
  columns.tokens.push(token);
  columns.offsets.push(range);
  columns.wordIds.push(wordId);
}

/** Every choice of one window per text; what is kept of both comes first, then by the first text's windows. */
function combinations([first, second]: readonly Windows[]): TextColumns[][] {
  if (first === undefined || second === undefined) return (first ?? []).map((window) => [window]);
  const [kept, ...overflowing] = first.map((a) => second.map((b) => [a, b]));
  const [both, ...others] = kept as TextColumns[][];
  return [both as TextColumns[], ...overflowing.flat(), ...others];
}

function grown(ids: Int32Array<ArrayBuffer>, atLeast: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(atLeast, 2 * ids.length));
  larger.set(ids);
  return larger;
}

/** Tokens by id: the model's, then the added tokens that the model does not have. */
function allTokens({ model, addedTokens }: PipelineParts): string[] {
  const tokens = [...model.tokens];
  for (const { id, content } of [...addedTokens.all].sort((a, b) => a.id - b.id)) {
    if (id === tokens.length && model.tokenToId(content) === undefined) tokens.push(content);
    if (tokens[id] !== content) {
      const expected = model.tokenToId(content) ?? tokens.length;
      throw new ConfigError(`added token ${JSON.stringify(content)}: expected id ${expected}, got ${id}`);
    }
  }
  return tokens;
}
