import { readFileSync } from 'node:fs';
import { constant, Graph, gradients, softmaxCrossEntropy, type Tensor } from '../../graph/index.js';
import { fromHuggingFaceConfig } from '../config.js';
import { declareParameters, encode, predictionLogits } from '../modernbert.js';
import { parameterSpecs } from '../parameters.js';

/** One model of modernbert.golden.json: its weights, a batch, and what transformers makes of them. */
export interface Golden {
  readonly config: Record<string, unknown>;
  readonly weights: Record<string, { readonly shape: number[]; readonly data: number[] }>;
  readonly inputIds: number[][];
  readonly positions: number[];
  readonly labels: number[];
  readonly logits: number[];
  readonly lossNats: number;
  readonly gradients: Record<string, number[]>;
}

/** The goldens, as make_modernbert_golden.py wrote them. */
export function readGoldens(): Golden[] {
  const file = new URL('../goldens/modernbert.golden.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: Golden[] }).cases;
}

/** A golden's forward and backward pass as graph: logits, loss, and the gradient of every parameter by name. */
export function goldenProgram(golden: Golden): {
  readonly logits: Tensor;
  readonly loss: Tensor;
  readonly gradients: ReadonlyMap<string, Tensor>;
} {
  const config = fromHuggingFaceConfig(golden.config, 'golden');
  const graph = new Graph();
  const parameters = declareParameters(graph, config);
  const ints = (values: readonly number[], shape: number[]) =>
    constant(graph, Int32Array.from(values), shape);
  const shape = { batchSize: golden.inputIds.length, sequenceLength: golden.inputIds[0]?.length ?? 0 };
  const inputIds = ints(golden.inputIds.flat(), [shape.batchSize, shape.sequenceLength]);
  const M = golden.positions.length;
  const hiddenStates = encode(parameters, config, inputIds, shape);
  const logits = predictionLogits(parameters, config, hiddenStates, ints(golden.positions, [M]));
  const weights = constant(graph, new Float32Array(M).fill(1 / M), [M]);
  const { loss } = softmaxCrossEntropy(logits, ints(golden.labels, [M]), weights);
  const names = parameterSpecs(config).map(({ name }) => name);
  const slopes = gradients(
    loss,
    names.map((name) => parameters.get(name) as Tensor),
  );
  return { logits, loss, gradients: new Map(names.map((name, index) => [name, slopes[index] as Tensor])) };
}

/** Largest difference of two tensors over the largest element of the reference. */
export function relativeError(got: ArrayLike<number>, reference: readonly number[]): number {
  if (got.length !== reference.length) return Number.POSITIVE_INFINITY;
  // Relative to the tensor's own size: single elements of a gradient may be close to zero by cancellation.
  const size = Math.max(...reference.map(Math.abs));
  return Math.max(...reference.map((value, index) => Math.abs((got[index] as number) - value))) / size;
}
