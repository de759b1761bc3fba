import type { Batch } from '../data/index.js';
import type { PredictionShape } from './model-graph.js';
import type { Predictor } from './predictor.js';

/** How well masked tokens are predicted. */
export interface MaskedScores {
  /** Mean negative log probability of the masked tokens. */
  readonly lossNats: number;
  /** e to the loss. */
  readonly perplexity: number;
  /** Share of masked tokens whose probability is the largest. */
  readonly accuracy: number;
  /** Share of masked tokens among the five most probable. */
  readonly top5Accuracy: number;
  /** Bits spent on masked tokens over their UTF-8 bytes. */
  readonly bitsPerByte: number;
  readonly maskedTokens: number;
}

/** Where the loss of a masked token saturates: the smallest normal float32. */
const TINY = 2 ** -126;

/** Scores a model on batches; `byteLength` gives the UTF-8 bytes that an id stands for. Padding does not count. */
export async function scoreMasked(
  predictor: Predictor,
  batches: Iterable<Batch>,
  shape: PredictionShape,
  byteLength: (id: number) => number,
): Promise<MaskedScores> {
  let [nats, hits, hits5, bytes, count] = [0, 0, 0, 0, 0];
  for (const batch of batches) {
    const probabilities = await predictor.predict(shape, batch);
    const V = probabilities.length / shape.predictions;
    for (const [row, label] of batch.labels.entries()) {
      if (batch.weights[row] === 0) continue;
      const distribution = probabilities.subarray(row * V, (row + 1) * V);
      const rank = rankOf(distribution, label);
      nats -= Math.log(Math.max(distribution[label] as number, TINY));
      hits += Number(rank === 0);
      hits5 += Number(rank < 5);
      bytes += byteLength(label);
      count++;
    }
  }
  return {
    lossNats: nats / count,
    perplexity: Math.exp(nats / count),
    accuracy: hits / count,
    top5Accuracy: hits5 / count,
    bitsPerByte: nats / Math.LN2 / bytes,
    maskedTokens: count,
  };
}

/** How many ids come before `label`: the more probable ones, and of equals those with a smaller id. */
function rankOf(distribution: Float32Array, label: number): number {
  const own = distribution[label] as number;
  let rank = 0;
  for (let id = 0; id < distribution.length; id++) {
    const other = distribution[id] as number;
    if (other > own || (other === own && id < label)) rank++;
  }
  return rank;
}
