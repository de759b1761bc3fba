import { add, type Tensor } from '../../graph/index.js';
import type { BodyInputs } from '../define-family.js';
import { denseSpecs, normSpecs, type ParameterSpec } from '../parameters.js';
import { dense, norm, type Weights } from '../weights.js';
import { type Activation, activations } from './activations.js';
import { attentionBias } from './attention-bias.js';
import { rowsRead } from './rows-read.js';
import { denseProjections, selfAttention } from './self-attention.js';

/** Sizes of a stack of BERT's blocks. */
export interface BertLayers {
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  readonly intermediateSize: number;
  readonly hiddenAct: Activation;
  readonly layerNormEps: number;
}

/** Parameters of the L blocks below `prefix`. */
export function bertLayerSpecs(prefix: string, config: BertLayers): ParameterSpec[] {
  const { hiddenSize: H, intermediateSize: F } = config;
  return Array.from({ length: config.numHiddenLayers }, (_, layer) => {
    const block = `${prefix}.layer.${layer}`;
    return [
      ...denseSpecs(`${block}.attention.self.query`, [H, H]),
      ...denseSpecs(`${block}.attention.self.key`, [H, H]),
      ...denseSpecs(`${block}.attention.self.value`, [H, H]),
      ...denseSpecs(`${block}.attention.output.dense`, [H, H]),
      ...normSpecs(`${block}.attention.output.LayerNorm`, H),
      ...denseSpecs(`${block}.intermediate.dense`, [F, H]),
      ...denseSpecs(`${block}.output.dense`, [H, F]),
      ...normSpecs(`${block}.output.LayerNorm`, H),
    ];
  }).flat();
}

/**
 * L blocks of the original Transformer encoder (Vaswani et al. 2017, section 3.1): attention, add, norm; feed-forward,
 * add, norm. `x` f32[B * T, H]; returns it and the hidden states of every block, of the last at the rows that are read.
 */
export function bertLayers(
  weights: Weights,
  config: BertLayers,
  x: Tensor,
  inputs: BodyInputs,
): readonly [Tensor, ...Tensor[]] {
  const { numAttentionHeads: heads, layerNormEps: epsilon } = config;
  const sizes = inputs.inputIds.shape as readonly [number, number];
  const bias = attentionBias(inputs.inputIds, inputs);
  const all: [Tensor, ...Tensor[]] = [x];
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    const block = weights.at(`layer.${layer}`);
    const rows = layer === config.numHiddenLayers - 1 ? inputs.rows : undefined;
    const project = denseProjections(block.at('attention.self'), 'query', 'key', 'value');
    const context = selfAttention(x, project, { sizes, heads, bias, rows });
    const output = block.at('attention.output');
    const attended = norm(
      add(dense(context, output.at('dense')), rowsRead(x, rows)),
      output.at('LayerNorm'),
      epsilon,
    );
    const inner = activations[config.hiddenAct](dense(attended, block.at('intermediate.dense'))); // [B * T, F]
    const fed = add(dense(inner, block.at('output.dense')), attended);
    x = norm(fed, block.at('output.LayerNorm'), epsilon);
    all.push(x);
  }
  return all;
}
