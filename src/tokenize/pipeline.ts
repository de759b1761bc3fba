import { ConfigError } from '../core/index.js';
import type { AddedTokens } from './added-tokens.js';
import { writePadding, writeTruncation } from './codec/limits.js';
import type { TokenizerJson } from './codec/schema.js';
import { concatColumns, type TextColumns, type TokenColumns } from './columns.js';
import type { Decoder, Model, Normalizer, PostProcessor, PreTokenizer } from './component.js';
import { type Padding, pad, paddedLength } from './padding.js';
import { SequenceEncoder } from './sequence-encoder.js';
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
  private readonly encoder: SequenceEncoder;

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
    this.encoder = new SequenceEncoder(parts, this.tokens);
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
    const sequences = texts.map((text, index) => this.encoder.encode(text, index === 0 ? 0 : 1));
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

  encodeIds(text: string): Int32Array {
    return this.encoder.encodeIds(text);
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

/** Every choice of one window per text; what is kept of both comes first, then by the first text's windows. */
function combinations([first, second]: readonly Windows[]): TextColumns[][] {
  if (first === undefined || second === undefined) return (first ?? []).map((window) => [window]);
  const [kept, ...overflowing] = first.map((a) => second.map((b) => [a, b]));
  const [both, ...others] = kept as TextColumns[][];
  return [both as TextColumns[], ...overflowing.flat(), ...others];
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
