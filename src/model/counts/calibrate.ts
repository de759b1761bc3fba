import { timesSmall } from './dense.js';
import { type NeighbourVectors, standardisedRows } from './word-vectors.js';

/** A word with its two neighbours, as ids. */
export interface Triple {
  readonly left: number;
  readonly word: number;
  readonly right: number;
}

/** Scales that are tried, each larger than the one before by this factor. */
const STEP = 1.2;
const [SMALLEST, LARGEST] = [1e-2, 1e1];

/**
 * The scale of the output vectors under which words are most probable given their neighbours: the least mean of
 * -log softmax(logFrequency + scale * output . standardised(right . r + left . l)) over sample triples.
 */
export function calibrateScale(
  vectors: NeighbourVectors,
  logFrequencies: Float64Array,
  sample: readonly Triple[],
): number {
  const evidence = sample.map((triple) => ({ label: triple.word, logits: neighbourLogits(vectors, triple) }));
  let best = { scale: SMALLEST, loss: Number.POSITIVE_INFINITY };
  for (let scale = SMALLEST; scale < LARGEST; scale *= STEP) {
    const loss = evidence.reduce(
      (sum, { label, logits }) => sum + surprisal(logits, logFrequencies, scale, label),
      0,
    );
    if (loss < best.loss) best = { scale, loss };
  }
  return best.scale;
}

/** What the neighbours say about every id, f64[V], before any scale. */
function neighbourLogits({ output, input, right, left }: NeighbourVectors, triple: Triple): Float64Array {
  const width = right.rows;
  const vectorOf = (id: number) => input.subarray(id * width, (id + 1) * width);
  const fromRight = timesSmall(vectorOf(triple.right), right.transpose(), width);
  const fromLeft = timesSmall(vectorOf(triple.left), left.transpose(), width);
  const context = standardisedRows(
    fromRight.map((value, index) => value + (fromLeft[index] as number)),
    width,
  );
  return Float64Array.from({ length: output.length / width }, (_, id) => {
    let sum = 0;
    for (let channel = 0; channel < width; channel++) {
      sum += (output[id * width + channel] as number) * (context[channel] as number);
    }
    return sum;
  });
}

function surprisal(logits: Float64Array, logFrequencies: Float64Array, scale: number, label: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < logits.length; id++) {
    largest = Math.max(largest, scale * (logits[id] as number) + (logFrequencies[id] as number));
  }
  let sum = 0;
  for (let id = 0; id < logits.length; id++) {
    sum += Math.exp(scale * (logits[id] as number) + (logFrequencies[id] as number) - largest);
  }
  return largest + Math.log(sum) - scale * (logits[label] as number) - (logFrequencies[label] as number);
}
