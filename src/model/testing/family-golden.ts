import { readFileSync } from 'node:fs';
import {
  concat,
  constant,
  Graph,
  gatherRows,
  gradients,
  reshape,
  scale,
  softmaxCrossEntropy,
  type Tensor,
} from '../../graph/index.js';
import { readModel } from '../families.js';
import { type EncoderInputs, type LanguageModel, lastOf, type Task } from '../language-model.js';
import { declareParameters } from '../parameters.js';

/** One model of families.golden.json: a batch, and what transformers makes of it. */
export interface FamilyGolden {
  readonly task: Task;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputIds: readonly (readonly number[])[];
  readonly attentionMask?: readonly (readonly number[])[];
  readonly tokenTypeIds?: readonly (readonly number[])[];
  readonly positions: readonly number[];
  readonly labels: readonly number[];
  readonly logits: readonly number[];
  readonly loss: number;
  /** Norm of each gradient, and its product with cos(i + 1), in the order of the parameters' names. */
  readonly gradients: readonly (readonly [number, number])[];
}

/** The goldens, as make_family_goldens.py wrote them. */
export function readFamilyGoldens(): FamilyGolden[] {
  const file = new URL('../goldens/families.golden.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: FamilyGolden[] }).cases;
}

/** A golden's forward and backward pass as graph. */
export interface FamilyProgram {
  readonly model: LanguageModel;
  readonly logits: Tensor;
  readonly loss: Tensor;
  readonly slopes: ReadonlyMap<string, Tensor>;
}

/** Builds a golden's model from its config.json, with logits, loss and the gradient of every parameter. */
export function familyProgram(golden: FamilyGolden): FamilyProgram {
  const model = readModel(golden.config, 'golden');
  const graph = new Graph();
  const parameters = declareParameters(graph, model.parameters);
  const ints = (rows: readonly (readonly number[])[]) =>
    constant(graph, Int32Array.from(rows.flat()), [rows.length, rows[0]?.length ?? 0]);
  const inputs: EncoderInputs = {
    inputIds: ints(golden.inputIds),
    ...(golden.attentionMask ? { attentionMask: ints(golden.attentionMask) } : {}),
    ...(golden.tokenTypeIds ? { tokenTypeIds: ints(golden.tokenTypeIds) } : {}),
  };
  const positions = constant(graph, Int32Array.from(golden.positions), [golden.positions.length]);
  const predicts = golden.task === 'fill-mask' || golden.task === 'text-generation';
  const hiddenStates = lastOf(
    model.encode(parameters, inputs, predicts ? positions : model.classRows(inputs)),
  );
  const classes = () => model.classLogits(parameters, hiddenStates, inputs);
  const ofTokens = () =>
    predicts
      ? model.predictionLogits(parameters, hiddenStates, { inputs, positions })
      : gatherRows(classes(), positions);
  const logits = golden.task === 'text-classification' ? classes() : ofTokens();
  const loss = meanLoss(golden.task, logits, golden.labels);
  const names = model.parameters.map(({ name }) => name);
  const found = gradients(
    loss,
    names.map((name) => parameters.get(name) as Tensor),
  );
  return { model, logits, loss, slopes: new Map(names.map((name, index) => [name, found[index] as Tensor])) };
}

/** Mean cross-entropy; a replaced token's logit z is the softmax of (0, z). */
function meanLoss(task: Task, logits: Tensor, labels: readonly number[]): Tensor {
  const graph = logits.node.graph;
  const M = labels.length;
  const rows =
    task === 'replaced-token-detection'
      ? concat([scale(reshape(logits, [M, 1]), 0), reshape(logits, [M, 1])], 1)
      : logits;
  const weights = constant(graph, new Float32Array(M).fill(1 / M), [M]);
  return softmaxCrossEntropy(rows, constant(graph, Int32Array.from(labels), [M]), weights).loss;
}

/** Norm of a gradient, and its product with cos(i + 1). */
export function projections(gradient: ArrayLike<number>): [number, number] {
  const values = Array.from(gradient);
  const sum = (f: (value: number, index: number) => number) =>
    values.reduce((total, value, index) => total + f(value, index), 0);
  return [Math.sqrt(sum((value) => value * value)), sum((value, index) => value * Math.cos(index + 1))];
}
