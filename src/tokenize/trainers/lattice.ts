import type { PieceTrie } from '../piece-trie.js';

/** Scores of the pieces of a trie, by id; NaN for a piece that is no longer in the vocabulary. */
export interface PieceScores {
  readonly trie: PieceTrie;
  readonly scores: Float64Array;
  /** The score of a character that no piece covers. */
  readonly unkScore: number;
  readonly unkId: number;
}

const INITIAL_NODES = 1024;

/**
 * Every way to cut one text into pieces. A node is a piece at a place; nodes are in order of where they begin,
 * then of where they end, the unknown character last. One lattice is filled for text after text.
 */
export class Lattice {
  /** Number of nodes, and their columns. */
  size = 0;
  ids = new Int32Array(INITIAL_NODES);
  starts = new Int32Array(INITIAL_NODES);
  ends = new Int32Array(INITIAL_NODES);
  /** Length of the text, in UTF-16 code units. */
  length = 0;
  private best = new Float64Array(INITIAL_NODES);
  private bestNodes = new Int32Array(INITIAL_NODES);

  /** Cuts `text`; nodes of the piece `excluded` that cover the whole text are left out. */
  fill(text: string, pieces: PieceScores, excluded = -1): void {
    this.size = 0;
    this.length = text.length;
    for (let start = 0; start < text.length; ) {
      const next = start + ((text.codePointAt(start) as number) > 0xffff ? 2 : 1);
      if (!this.addPieces(text, start, next, pieces, excluded)) this.add(pieces.unkId, start, next);
      start = next;
    }
  }

  /** Adds the pieces that begin at `start`; true when one of them is the character that ends at `next`. */
  private addPieces(
    text: string,
    start: number,
    next: number,
    pieces: PieceScores,
    excluded: number,
  ): boolean {
    const { trie, scores } = pieces;
    let hasCharacter = false;
    let node = trie.child(0, text.charCodeAt(start));
    for (let end = start + 1; node !== 0; end++) {
      const id = trie.idAt(node);
      const isKnown = id >= 0 && !Number.isNaN(scores[id]);
      if (isKnown && !(id === excluded && start === 0 && end === text.length)) this.add(id, start, end);
      if (isKnown && end === next) hasCharacter = true;
      if (end === text.length) break;
      node = trie.child(node, text.charCodeAt(end));
    }
    return hasCharacter;
  }

  private add(id: number, start: number, end: number): void {
    if (this.size === this.ids.length) this.grow();
    this.ids[this.size] = id;
    this.starts[this.size] = start;
    this.ends[this.size++] = end;
  }

  private grow(): void {
    for (const column of ['ids', 'starts', 'ends'] as const) {
      const larger = new Int32Array(2 * this.size);
      larger.set(this[column]);
      this[column] = larger;
    }
  }

  /** The nodes of the best path, last first; of equally good ones, that whose pieces are longer at the end. */
  bestPath({ scores, unkScore, unkId }: PieceScores): number[] {
    this.resetBest();
    const { ids, starts, ends, best, bestNodes } = this;
    best[0] = 0;
    for (let node = 0; node < this.size; node++) {
      const id = ids[node] as number;
      const end = ends[node] as number;
      const score =
        (best[starts[node] as number] as number) + (id === unkId ? unkScore : (scores[id] as number));
      if ((bestNodes[end] as number) < 0 || score > (best[end] as number)) {
        best[end] = score;
        bestNodes[end] = node;
      }
    }
    const path: number[] = [];
    for (let end = this.length; end > 0; ) {
      const node = bestNodes[end] as number;
      if (node < 0) return [];
      path.push(node);
      end = starts[node] as number;
    }
    return path;
  }

  /** The score of the path that `bestPath` found. */
  get bestScore(): number {
    return this.best[this.length] as number;
  }

  private resetBest(): void {
    if (this.best.length <= this.length) {
      this.best = new Float64Array(2 * (this.length + 1));
      this.bestNodes = new Int32Array(2 * (this.length + 1));
    }
    this.bestNodes.fill(-1, 0, this.length + 1);
  }
}
