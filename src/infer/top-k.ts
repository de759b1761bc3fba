/** The k largest entries of a distribution, largest first; equal ones by ascending id. */
export function topK(
  probabilities: Float32Array,
  k: number,
): readonly { readonly id: number; readonly probability: number }[] {
  const best: { id: number; probability: number }[] = [];
  /** What an entry must exceed to be among the k; a number of its own, because almost every entry ends at this test. */
  let least = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < probabilities.length; id++) {
    const probability = probabilities[id] as number;
    if (best.length === k && !(probability > least)) continue;
    const after = best.findIndex((entry) => entry.probability < probability);
    best.splice(after === -1 ? best.length : after, 0, { id, probability });
    if (best.length > k) best.pop();
    least = best[best.length - 1]?.probability ?? least;
  }
  return best;
}
