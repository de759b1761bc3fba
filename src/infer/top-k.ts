/** The k largest entries of a distribution, largest first; equal ones by ascending id. */
export function topK(
  probabilities: Float32Array,
  k: number,
): readonly { readonly id: number; readonly probability: number }[] {
  const best: { id: number; probability: number }[] = [];
  for (let id = 0; id < probabilities.length; id++) {
    const probability = probabilities[id] as number;
    const worst = best[best.length - 1];
    if (best.length === k && worst && probability <= worst.probability) continue;
    const after = best.findIndex((entry) => entry.probability < probability);
    best.splice(after === -1 ? best.length : after, 0, { id, probability });
    if (best.length > k) best.pop();
  }
  return best;
}
