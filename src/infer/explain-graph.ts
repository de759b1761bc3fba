import { BackendError } from '../core/index.js';
import {
  compileProgram,
  concat,
  constant,
  expand,
  Graph,
  gatherRows,
  gradients,
  input,
  type Program,
  reshape,
  softmaxCrossEntropy,
  type Tensor,
} from '../graph/index.js';
import { lastOf, outputLogits } from '../model/index.js';
import type { PredictorModel } from './model-graph.js';

/**
 * The program of gradients with respect to the input embeddings: S rows of T tokens, of which the embeddings are fed
 * instead of the ids, `embeddings` f32[S * T, W]. Outputs `probability` f32[S, 1] of the id asked about in each row
 * (`labels` i32[S], `places` i32[S] = s * V + label) and `gradient` f32[S * T, W] of the sum over rows of `weights` f32[S]
 * times its log-probability.
 *
 * No family knows of it: the encoder is given a table that holds the fed embeddings from row `firstId` on, and ids that
 * point there, which are neither padding nor special.
 */
export function gradientProgram(
  asked: PredictorModel,
  S: number,
  ids: readonly number[],
  place: number,
): Program {
  const T = ids.length;
  const { model, parameters, specialIds } = asked;
  const graph = new Graph();
  const weights = constants(graph, asked);
  const width = parameters.get(model.embeddings)?.shape[1] ?? 0;
  const firstId = Math.max(0, ...specialIds) + 1;
  const fed = input(graph, 'embeddings', 'float32', [S * T, width]);
  const unused = constant(graph, new Float32Array(firstId * width), [firstId, width]);
  const encoderWeights = new Map(weights).set(model.embeddings, concat([unused, fed], 0));
  const rows = Int32Array.from({ length: S * T }, (_, index) => firstId + index);
  const inputIds = constant(graph, rows, [S, T]);
  const positions = constant(
    graph,
    Int32Array.from({ length: S }, (_, row) => row * T + place),
    [S],
  );
  const hiddenStates = lastOf(model.encode(encoderWeights, { inputIds }, positions));
  // What a head makes of the ids themselves is taken from those of the text, at every point of the way.
  const inputs = { inputIds: expand(constant(graph, Int32Array.from(ids), [1, T]), [S, T]) };
  const logits = outputLogits(model, weights, hiddenStates, { inputs, positions, specialIds });
  const labels = input(graph, 'labels', 'int32', [S]);
  const rowWeights = input(graph, 'weights', 'float32', [S]);
  const { loss, probabilities } = softmaxCrossEntropy(logits, labels, rowWeights);
  const places = input(graph, 'places', 'int32', [S]);
  const [gradient] = gradients(loss, [fed]) as [Tensor];
  return compileProgram({
    probability: gatherRows(reshape(probabilities, [S * model.config.vocabSize, 1]), places),
    gradient,
  });
}

/** The program of attention probabilities f32[1, A, T, T], one output for each layer: `layer0`, `layer1`, ... */
export function attentionProgram(asked: PredictorModel, T: number): Program {
  const graph = new Graph();
  const inputIds = input(graph, 'inputIds', 'int32', [1, T]);
  asked.model.encode(constants(graph, asked), { inputIds });
  const layers = graph.nodes.flatMap(({ rule, outputs }) =>
    rule.name === 'attention' && outputs[1] ? [outputs[1]] : [],
  );
  if (layers.length === 0)
    throw new BackendError('this model family computes no attention that can be shown');
  return compileProgram(Object.fromEntries(layers.map((tensor, layer) => [`layer${layer}`, tensor])));
}

function constants(graph: Graph, { parameters }: PredictorModel): Map<string, Tensor> {
  return new Map([...parameters].map(([name, value]) => [name, constant(graph, value.data, value.shape)]));
}
