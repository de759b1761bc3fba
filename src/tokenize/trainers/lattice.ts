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
  /** The nodes of the text are [first, last) of these columns. */
  first = 0;
  last = 0;
  ids = new Int32Array(INITIAL_NODES);
  starts = new Int32Array(INITIAL_NODES);
  ends = new Int32Array(INITIAL_NODES);
  /** Length of the text, in UTF-16 code units. */
  length = 0;
  private best = new Float64Array(INITIAL_NODES);
  private bestNodes = new Int32Array(INITIAL_NODES);

  /** Cuts `text`; nodes of the piece `excluded` that cover the whole text are left out. */
  fill(text: string, pieces: PieceScores, excluded = -1): void {
    this.last = 0;
    this.append(text, pieces, excluded);
  }

  /** As `fill`, but leaves the nodes of the texts before in the columns. */
  append(text: string, pieces: PieceScores, excluded = -1): void {
    this.first = this.last;
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

  /**
   * Goes to the nodes [start, end) of `text`, which were appended before, and moves those whose pieces are still in the
   * vocabulary to where `to` is, at most `start`; as if the text were filled there.
   */
  thin(
    nodes: { readonly start: number; readonly end: number; readonly to: number },
    text: string,
    pieces: PieceScores,
  ): void {
    const { ids, starts, ends } = this;
    this.first = nodes.to;
    this.last = nodes.to;
    this.length = text.length;
    for (let node = nodes.start; node < nodes.end; ) {
      const start = starts[node] as number;
      const next = start + ((text.codePointAt(start) as number) > 0xffff ? 2 : 1);
      let hasCharacter = false;
      for (; node < nodes.end && starts[node] === start; node++) {
        const id = ids[node] as number;
        if (id === pieces.unkId || Number.isNaN(pieces.scores[id])) continue;
        if (ends[node] === next) hasCharacter = true;
        this.add(id, start, ends[node] as number);
      }
      if (!hasCharacter) this.add(pieces.unkId, start, next);
    }
  }

  private add(id: number, start: number, end: number): void {
    if (this.last === this.ids.length) this.grow();
    this.ids[this.last] = id;
    this.starts[this.last] = start;
    this.ends[this.last++] = end;
  }

  private grow(): void {
    for (const column of ['ids', 'starts', 'ends'] as const) {
      const larger = new Int32Array(2 * this.last);
      larger.set(this[column]);
      this[column] = larger;
    }
  }

  /** The nodes of the best path, last first; of equally good ones, that whose pieces are longer at the end. */
  bestPath({ scores, unkScore, unkId }: PieceScores): number[] {
    this.resetBest();
    const { ids, starts, ends, best, bestNodes } = this;
    best[0] = 0;
    for (let node = this.first; node < this.last; node++) {
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
