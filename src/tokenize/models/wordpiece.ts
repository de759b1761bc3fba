import { ConfigError } from '../../core/index.js';
import type { ModelJson } from '../codec/schema.js';
import type { Model, Piece } from '../component.js';
import { PieceTrie } from '../piece-trie.js';

export interface WordPieceOptions {
  readonly unkToken?: string;
  readonly continuingSubwordPrefix?: string;
  /** Words of more code points than this are one unknown token. */
  readonly maxInputCharsPerWord?: number;
}

/**
 * WordPiece (Devlin et al. 2019): the longest vocabulary entry that begins the word, then the longest
 * continuation of the rest, and so on; a word that cannot be covered is one unknown token.
 */
export class WordPieceModel implements Model {
  readonly unkToken: string;
  private readonly prefix: string;
  private readonly maxInputCharsPerWord: number;
  private readonly unkId: number;
  private readonly ids: ReadonlyMap<string, number>;
  private readonly beginnings: PieceTrie;
  /** Continuations without their prefix. */
  private readonly continuations: PieceTrie;

  /** `tokens` are distinct; throws ConfigError when the unknown token is not among them. */
  constructor(
    readonly tokens: readonly string[],
    options: WordPieceOptions = {},
  ) {
    this.unkToken = options.unkToken ?? '[UNK]';
    this.prefix = options.continuingSubwordPrefix ?? '##';
    this.maxInputCharsPerWord = options.maxInputCharsPerWord ?? 100;
    this.ids = new Map(tokens.map((token, id) => [token, id]));
    this.beginnings = new PieceTrie(tokens.entries());
    const continuing = tokens.map((token) =>
      token.startsWith(this.prefix) ? token.slice(this.prefix.length) : '',
    );
    this.continuations = new PieceTrie(continuing.entries());
    const unkId = this.ids.get(this.unkToken);
    if (unkId === undefined) {
      throw new ConfigError(`WordPiece vocabulary: expected the unknown token ${this.unkToken}, found none`);
    }
    this.unkId = unkId;
  }

  tokenToId(token: string): number | undefined {
    return this.ids.get(token);
  }

  tokenize(word: string): Piece[] {
    const unknown = [{ id: this.unkId, start: 0, end: word.length }];
    if (word.length > this.maxInputCharsPerWord && [...word].length > this.maxInputCharsPerWord)
      return unknown;
    const pieces: Piece[] = [];
    for (let start = 0; start < word.length; ) {
      const piece = this.longestPieceAt(word, start);
      if (piece === undefined) return unknown;
      pieces.push(piece);
      start = piece.end;
    }
    return pieces;
  }

  private longestPieceAt(word: string, start: number): Piece | undefined {
    const trie = start === 0 ? this.beginnings : this.continuations;
    let longest: Piece | undefined;
    let node = trie.child(0, word.charCodeAt(start));
    for (let end = start + 1; node !== 0; end++) {
      const id = trie.idAt(node);
      if (id >= 0) longest = { id, start, end };
      if (end === word.length) break;
      node = trie.child(node, word.charCodeAt(end));
    }
    return longest;
  }

  toJSON(): ModelJson {
    return {
      type: 'WordPiece',
      unk_token: this.unkToken,
      continuing_subword_prefix: this.prefix,
      max_input_chars_per_word: this.maxInputCharsPerWord,
      vocab: Object.fromEntries(this.ids),
    };
  }
}
