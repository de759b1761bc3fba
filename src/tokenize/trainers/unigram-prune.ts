import { Lattice } from './lattice.js';
import { type ShrinkingVocabulary, UNK_ID } from './unigram-em.js';
import type { WordLattices } from './word-lattices.js';

/**
 * Drops the pieces without which the words lose the least likelihood, down to `size` pieces (Kudo 2018, section
 * 3.2). The loss is an estimate: a dropped piece is taken to be replaced by the next best way to cut it.
 */
export function prune(vocabulary: ShrinkingVocabulary, lattices: WordLattices, size: number): void {
  const { frequencies, words } = bestPathFrequencies(vocabulary, lattices);
  let total = 0;
  for (const id of vocabulary.ids) total += frequencies[id] as number;
  const pieces = vocabulary.ids.length;
  const kept: number[] = [UNK_ID];
  const candidates: { id: number; loss: number }[] = [];
  const lattice = new Lattice();
  for (const id of vocabulary.ids) {
    if (id === UNK_ID) continue;
    const frequency = frequencies[id] as number;
    const { alternative, isBest } = resegment(vocabulary, id, lattice);
    if (frequency === 0 && !isBest) continue;
    if (alternative.length === 0) kept.push(id);
    else if (frequency > 0) {
      const loss = (frequency / words) * lossOfPiece(frequency, alternative, frequencies, { total, pieces });
      candidates.push({ id, loss });
    }
  }
  candidates.sort((a, b) => b.loss - a.loss);
  for (const { id } of candidates) {
    if (kept.length === size) break;
    kept.push(id);
  }
  vocabulary.keep(kept);
}

/** How often each piece is on the best path of a word, and the number of words. */
function bestPathFrequencies(
  vocabulary: ShrinkingVocabulary,
  lattices: WordLattices,
): { frequencies: Float64Array; words: number } {
  const frequencies = new Float64Array(vocabulary.scores.length);
  let words = 0;
  lattices.forEach((lattice, count) => {
    words += count;
    for (const node of lattice.bestPath(vocabulary)) {
      const id = lattice.ids[node] as number;
      frequencies[id] = (frequencies[id] as number) + count;
    }
  });
  return { frequencies, words };
}

/**
 * How the text of a piece is cut without the piece: the pieces of `alternative`, which is empty when there is no
 * other way or when it is better than the piece itself (then `isBest` is false).
 */
function resegment(
  vocabulary: ShrinkingVocabulary,
  id: number,
  lattice: Lattice,
): { alternative: number[]; isBest: boolean } {
  lattice.fill(vocabulary.texts[id] as string, vocabulary, id);
  const path = lattice.bestPath(vocabulary);
  const isBest = path.length === 0 || (vocabulary.scores[id] as number) >= lattice.bestScore;
  return { alternative: isBest ? path.map((node) => lattice.ids[node] as number) : [], isBest };
}

/**
 * Log likelihood, in nats for each occurrence, that is lost when a piece is replaced. The new total should grow
 * by the pieces of the alternative less one; the reference takes the number of all pieces for that, which makes
 * frequent pieces worth more, and so does this.
 */
function lossOfPiece(
  frequency: number,
  alternative: readonly number[],
  frequencies: Float64Array,
  { total, pieces }: { total: number; pieces: number },
): number {
  const logTotal = Math.log(total + frequency * (pieces - 1));
  const replaced = alternative.reduce(
    (sum, id) => sum + Math.log((frequencies[id] as number) + frequency) - logTotal,
    0,
  );
  return Math.log(frequency) - Math.log(total) - replaced;
}
