import { readFileSync } from 'node:fs';
import { constant, Graph, gradients, softmaxCrossEntropy, type Tensor } from '../../graph/index.js';
import { readModel } from '../families.js';
import { lastOf } from '../language-model.js';
import { declareParameters } from '../parameters.js';

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
  const model = readModel(golden.config, 'golden');
  const graph = new Graph();
  const parameters = declareParameters(graph, model.parameters);
  const ints = (values: readonly number[], shape: number[]) =>
    constant(graph, Int32Array.from(values), shape);
  const inputIds = ints(golden.inputIds.flat(), [golden.inputIds.length, golden.inputIds[0]?.length ?? 0]);
  const M = golden.positions.length;
  const positions = ints(golden.positions, [M]);
  const hiddenStates = lastOf(model.encode(parameters, { inputIds }, positions));
  const logits = model.predictionLogits(parameters, hiddenStates, { inputs: { inputIds }, positions });
  const weights = constant(graph, new Float32Array(M).fill(1 / M), [M]);
  const { loss } = softmaxCrossEntropy(logits, ints(golden.labels, [M]), weights);
  const names = model.parameters.map(({ name }) => name);
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
