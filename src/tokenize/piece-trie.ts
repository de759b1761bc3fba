import { PairIndex } from './pair-index.js';

const NO_PIECE = -1;

/** Pieces of a vocabulary by their UTF-16 code units; node 0 is the empty beginning. */
export class PieceTrie {
  /** The pair of a node and a code unit is numbered as the child node minus one. */
  private readonly edges = new PairIndex();
  private readonly ids: number[] = [NO_PIECE];

  /** Of a piece that comes twice, the later id holds; an empty piece is never found. */
  constructor(pieces: Iterable<readonly [id: number, piece: string]>) {
    for (const [id, piece] of pieces) {
      let node = 0;
      for (let unit = 0; unit < piece.length; unit++) {
        node = this.edges.add(node, piece.charCodeAt(unit)) + 1;
        if (node === this.ids.length) this.ids.push(NO_PIECE);
      }
      if (node !== 0) this.ids[node] = id;
    }
  }

  /** The node one code unit further, or 0. */
  child(node: number, unit: number): number {
    return this.edges.find(node, unit) + 1;
  }

  /** The id of the piece that ends at a node, or -1. */
  idAt(node: number): number {
    return this.ids[node] as number;
  }
}
