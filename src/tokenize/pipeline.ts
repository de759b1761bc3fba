import { ConfigError } from '../core/index.js';
import type { AddedTokens } from './added-tokens.js';
import { AlignedText } from './aligned-text.js';
import { BoundedCache } from './bounded-cache.js';
import type { TokenizerJson } from './codec/schema.js';
import type { Decoder, Model, Normalizer, PostProcessor, PreTokenizer, Sequence } from './component.js';
import type { DecodeOptions, EncodeOptions, Encoding, SpecialTokens, Tokenizer } from './tokenizer.js';
import { WordSplitter } from './word-splitter.js';

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
}

type SequenceColumns = { -readonly [Column in keyof Sequence]: Sequence[Column][number][] };

/** A tokenizer made of exchangeable components, as in Hugging Face's `tokenizers`. */
export class PipelineTokenizer implements Tokenizer {
  readonly special: SpecialTokens;
  readonly specialIds: readonly number[];
  private readonly tokens: readonly string[];
  private readonly addedIds: ReadonlyMap<string, number>;
  private readonly specialIdSet: ReadonlySet<number>;
  private readonly splitter: WordSplitter;
  private readonly idsOfChunk: BoundedCache<readonly number[]>;

  /** Throws ConfigError when a special token is missing, or ids disagree or leave gaps. */
  constructor(private readonly parts: PipelineParts) {
    const added = parts.addedTokens.all;
    this.tokens = allTokens(parts);
    this.addedIds = new Map(added.map(({ content, id }) => [content, id]));
    this.special = specialTokens(parts);
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
    const pair = options.pair === undefined ? undefined : this.encodeSequence(options.pair);
    return this.parts.postProcessor.process(
      this.encodeSequence(text),
      pair,
      options.addSpecialTokens ?? true,
    );
  }

  private encodeSequence(text: string): Sequence {
    const columns: SequenceColumns = { ids: [], tokens: [], offsets: [], wordIds: [] };
    let wordId = 0;
    for (const { start, end, added } of this.parts.addedTokens.split(text)) {
      if (added !== undefined) {
        this.appendToken(columns, added.id, [start, end], wordId++);
        continue;
      }
      const normalized = this.parts.normalizer.normalize(AlignedText.of(text.slice(start, end), start));
      for (const word of this.parts.preTokenizer.split(normalized)) {
        for (const piece of this.parts.model.tokenize(word.text)) {
          this.appendToken(columns, piece.id, word.originalRange(piece.start, piece.end), wordId);
        }
        wordId++;
      }
    }
    return columns;
  }

  private appendToken(columns: SequenceColumns, id: number, range: [number, number], wordId: number): void {
    columns.ids.push(id);
    columns.tokens.push(this.tokens[id] as string);
    columns.offsets.push(range);
    columns.wordIds.push(wordId);
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
    return this.parts.decoder.decode(tokens);
  }

  toJSON(): TokenizerJson {
    return {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: this.parts.addedTokens.toJSON(),
      normalizer: this.parts.normalizer.toJSON(),
      pre_tokenizer: this.parts.preTokenizer.toJSON(),
      post_processor: this.parts.postProcessor.toJSON(),
      decoder: this.parts.decoder.toJSON(),
      model: this.parts.model.toJSON(),
    };
  }
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

function specialTokens({ model, addedTokens }: PipelineParts): SpecialTokens {
  const idOf = (content: string): number => {
    const token = addedTokens.all.find((added) => added.content === content && added.isSpecial);
    if (token === undefined)
      throw new ConfigError(`added tokens: expected a special token ${content}, found none`);
    return token.id;
  };
  return {
    pad: idOf('[PAD]'),
    unk: idOf(model.unkToken),
    cls: idOf('[CLS]'),
    sep: idOf('[SEP]'),
    mask: idOf('[MASK]'),
  };
}
