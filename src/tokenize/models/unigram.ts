import { ConfigError, DataError } from '../../core/index.js';
import type { ModelJson } from '../codec/schema.js';
import type { Model, Piece } from '../component.js';
import { PieceTrie } from '../piece-trie.js';
import { byteTokenIds } from './byte-tokens.js';

export interface UnigramOptions {
  /** The id of the unknown token; null for none. */
  readonly unkId: number | null;
  /** Write what no piece covers as "<0x..>" tokens of its bytes; false by default. */
  readonly byteFallback?: boolean;
}

/** A token and its log probability in nats. */
export type ScoredPiece = readonly [token: string, score: number];

/** How much less likely than the least likely piece an unknown character is, in nats. */
export const UNK_PENALTY = 10;

/** The best way to a place in a word. */
interface BestPath {
  readonly score: number;
  readonly start: number;
  readonly id: number;
}

/** Unigram language model (Kudo 2018): a word becomes the pieces whose probabilities have the largest product. */
export class UnigramModel implements Model {
  readonly tokens: readonly string[];
  readonly unkToken: string | undefined;
  private readonly ids: ReadonlyMap<string, number>;
  private readonly trie: PieceTrie;
  private readonly unkScore: number;

  /** Throws ConfigError when `unkId` is outside the vocabulary. */
  constructor(
    private readonly pieces: readonly ScoredPiece[],
    private readonly options: UnigramOptions,
  ) {
    const { unkId } = options;
    this.tokens = pieces.map(([token]) => token);
    this.unkToken = unkId === null ? undefined : this.tokens[unkId];
    if (unkId !== null && this.unkToken === undefined) {
      throw new ConfigError(`Unigram unknown id: expected less than ${pieces.length}, got ${unkId}`);
    }
    this.ids = new Map(this.tokens.map((token, id) => [token, id]));
    this.trie = new PieceTrie(this.tokens.entries());
    this.unkScore =
      pieces.reduce((least, [, score]) => Math.min(least, score), Number.POSITIVE_INFINITY) - UNK_PENALTY;
  }

  tokenToId(token: string): number | undefined {
    return this.ids.get(token);
  }

  /** Throws DataError for a character that no piece covers when there is no unknown token. */
  tokenize(word: string): Piece[] {
    const paths = this.bestPaths(word);
    const pieces: Piece[] = [];
    for (let end = word.length; end > 0; ) {
      const { start, id } = paths[end] as BestPath;
      const after = pieces[pieces.length - 1];
      if (id === this.options.unkId && after?.id === id) pieces[pieces.length - 1] = { ...after, start };
      else pieces.push({ id, start, end });
      end = start;
    }
    return pieces.reverse().flatMap((piece) => this.spellUnknown(word, piece));
  }

  /** Viterbi's algorithm: the best path to each place, by the beginning of its last piece. */
  private bestPaths(word: string): (BestPath | undefined)[] {
    const paths = new Array<BestPath | undefined>(word.length + 1);
    const offer = (end: number, path: BestPath): void => {
      const best = paths[end];
      if (best === undefined || path.score > best.score) paths[end] = path;
    };
    for (let start = 0; start < word.length; ) {
      const scoreBefore = paths[start]?.score ?? 0;
      const next = start + ((word.codePointAt(start) as number) > 0xffff ? 2 : 1);
      let hasCharacter = false;
      let node = this.trie.child(0, word.charCodeAt(start));
      for (let end = start + 1; node !== 0; end++) {
        const id = this.trie.idAt(node);
        if (id >= 0) {
          offer(end, { score: this.score(id) + scoreBefore, start, id });
          hasCharacter ||= end === next;
        }
        if (end === word.length) break;
        node = this.trie.child(node, word.charCodeAt(end));
      }
      if (!hasCharacter) offer(next, { score: this.unkScore + scoreBefore, start, id: this.unkIdFor(word) });
      start = next;
    }
    return paths;
  }

  private score(id: number): number {
    return (this.pieces[id] as ScoredPiece)[1];
  }

  private unkIdFor(word: string): number {
    const { unkId } = this.options;
    if (unkId !== null) return unkId;
    throw new DataError(
      `Unigram: expected pieces for every character of ${JSON.stringify(word.slice(0, 100))}, ` +
        'or an unknown token; found neither',
    );
  }

  /** An unknown stretch as the bytes that it has, where the vocabulary has them all. */
  private spellUnknown(word: string, piece: Piece): Piece[] {
    if (piece.id !== this.options.unkId) return [piece];
    const text = word.slice(piece.start, piece.end);
    const known = this.ids.get(text);
    if (known !== undefined) return [{ ...piece, id: known }];
    const bytes = this.options.byteFallback ? byteTokenIds(text, this.ids) : undefined;
    return bytes?.map((id) => ({ ...piece, id })) ?? [piece];
  }

  toJSON(): ModelJson {
    return {
      type: 'Unigram',
      unk_id: this.options.unkId,
      vocab: this.pieces.map(([token, score]) => [token, score]),
      byte_fallback: this.options.byteFallback ?? false,
    };
  }
}
