import { ConfigError } from '../../core/index.js';
import type { ModelJson } from '../codec/schema.js';
import type { Model, Piece } from '../component.js';
import { byteTokenIds } from './byte-tokens.js';
import { mergeSymbols } from './merge-symbols.js';
import { type MergedTokens, MergeTable } from './merge-table.js';

export interface BpeOptions {
  /** What characters outside the vocabulary become; without one they are left out. */
  readonly unkToken?: string | null;
  /** Begins every token that continues a word. */
  readonly continuingSubwordPrefix?: string | null;
  /** Ends every token that ends a word. */
  readonly endOfWordSuffix?: string | null;
  /** Make one unknown token of several in a row; false by default. */
  readonly fuseUnk?: boolean;
  /** Write characters outside the vocabulary as "<0x..>" tokens of their bytes; false by default. */
  readonly byteFallback?: boolean;
  /** Take a word that is a token for that token, whatever the merges would give; false by default. */
  readonly ignoreMerges?: boolean;
}

/**
 * Byte pair encoding (Sennrich et al. 2016): a word begins as its characters, and neighbours are joined in the
 * order in which training joined them. Without merges it is a model of characters.
 */
export class BpeModel implements Model {
  readonly unkToken: string | undefined;
  private readonly ids: ReadonlyMap<string, number>;
  private readonly merges: MergeTable;
  private readonly unkId: number | undefined;
  private readonly prefix: string;
  private readonly suffix: string;

  /**
   * `tokens` are distinct, `merges` in order of rank. Throws ConfigError for a merge outside the vocabulary, or
   * when the unknown token is not in it.
   */
  constructor(
    readonly tokens: readonly string[],
    merges: readonly MergedTokens[],
    private readonly options: BpeOptions = {},
  ) {
    this.unkToken = options.unkToken ?? undefined;
    this.prefix = options.continuingSubwordPrefix ?? '';
    this.suffix = options.endOfWordSuffix ?? '';
    this.ids = new Map(tokens.map((token, id) => [token, id]));
    this.merges = new MergeTable(merges, this.ids, this.prefix);
    this.unkId = this.unkToken === undefined ? undefined : this.ids.get(this.unkToken);
    if (this.unkToken !== undefined && this.unkId === undefined) {
      throw new ConfigError(`BPE vocabulary: expected the unknown token ${this.unkToken}, found none`);
    }
  }

  tokenToId(token: string): number | undefined {
    return this.ids.get(token);
  }

  tokenize(word: string): readonly Piece[] {
    const whole = this.options.ignoreMerges === true ? this.ids.get(word) : undefined;
    if (whole !== undefined) return [{ id: whole, start: 0, end: word.length }];
    return mergeSymbols(this.characters(word), this.merges);
  }

  /** The characters of a word, as far as they are in the vocabulary. */
  private characters(word: string): Piece[] {
    const symbols: Piece[] = [];
    let unknown: Piece | undefined;
    let start = 0;
    for (const character of word) {
      const end = start + character.length;
      const symbol = (start === 0 ? '' : this.prefix) + character + (end === word.length ? this.suffix : '');
      const id = this.ids.get(symbol);
      const bytes =
        id === undefined && this.options.byteFallback ? byteTokenIds(symbol, this.ids) : undefined;
      if (id !== undefined) {
        if (unknown !== undefined) symbols.push(unknown);
        unknown = undefined;
        symbols.push({ id, start, end });
      } else if (bytes !== undefined) {
        // An unknown token that is waiting comes after the bytes, as in the reference.
        for (const byteId of bytes) symbols.push({ id: byteId, start, end });
      } else if (this.unkId !== undefined) {
        const isFused = unknown !== undefined && this.options.fuseUnk === true;
        if (unknown !== undefined && !isFused) symbols.push(unknown);
        unknown = { id: this.unkId, start: isFused ? (unknown as Piece).start : start, end };
      }
      start = end;
    }
    if (unknown !== undefined) symbols.push(unknown);
    return symbols;
  }

  toJSON(): ModelJson {
    const merges = this.merges.inOrder();
    return {
      type: 'BPE',
      dropout: null,
      unk_token: this.unkToken ?? null,
      continuing_subword_prefix: this.options.continuingSubwordPrefix ?? null,
      end_of_word_suffix: this.options.endOfWordSuffix ?? null,
      fuse_unk: this.options.fuseUnk ?? false,
      byte_fallback: this.options.byteFallback ?? false,
      ignore_merges: this.options.ignoreMerges ?? false,
      vocab: Object.fromEntries(this.ids),
      merges: merges.map(([left, right]) => [this.tokens[left] as string, this.tokens[right] as string]),
    };
  }
}
