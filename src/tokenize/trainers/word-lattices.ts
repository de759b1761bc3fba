import { Lattice, type PieceScores } from './lattice.js';

/** Nodes kept at most, 12 bytes each; the lattices of further words are filled anew each time. */
const MAX_KEPT_NODES = 1 << 23;

/** A word's lattice and how often the word occurs. The lattice is good until the next one is visited. */
export type LatticeVisitor = (lattice: Lattice, count: number) => void;

/**
 * The lattices of words under a vocabulary that only ever loses pieces: they are filled once, and the nodes of dropped
 * pieces are taken out when they are next visited. That spares most of the time of training, which would go into looking
 * up substrings.
 */
export class WordLattices {
  private readonly words: readonly (readonly [word: string, count: number])[];
  private readonly kept = new Lattice();
  private readonly scratch = new Lattice();
  /** Lattice w of those kept has the nodes from `firsts[w]` up to `firsts[w + 1]`. */
  private readonly firsts: number[] = [0];

  constructor(
    wordCounts: ReadonlyMap<string, number>,
    private readonly pieces: PieceScores,
    maxKeptNodes = MAX_KEPT_NODES,
  ) {
    this.words = [...wordCounts];
    for (const [word] of this.words) {
      if (this.kept.last >= maxKeptNodes) break;
      this.kept.append(word, pieces);
      this.firsts.push(this.kept.last);
    }
  }

  /** In the order of the words. */
  forEach(visit: LatticeVisitor): void {
    const { kept, firsts, pieces, scratch } = this;
    let written = 0;
    this.words.forEach(([word, count], index) => {
      const end = firsts[index + 1];
      if (end === undefined) {
        scratch.fill(word, pieces);
        visit(scratch, count);
        return;
      }
      const start = firsts[index] as number;
      // The beginning of this word's nodes is needed no more; the next word's is where they end now.
      firsts[index] = written;
      kept.thin({ start, end, to: written }, word, pieces);
      written = kept.last;
      visit(kept, count);
    });
    const keptWords = firsts.length - 1;
    firsts[keptWords] = written;
  }
}
