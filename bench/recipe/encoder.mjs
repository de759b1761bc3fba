// ModernBERT's encoder with switches for ideas that transformers has no name for, to measure what they are worth before
// any of them becomes an option: see variants.mjs.
import { library } from '../peers/library.mjs';

const {
  add,
  addScalar,
  attention,
  concat,
  constant,
  div,
  expand,
  gatherRows,
  layerNorm,
  linear,
  mul,
  reduceSum,
  reluSquared,
  reshape,
  rotary,
  scale,
  split,
  sqrt,
  transpose,
} = await library('graph/index.js');
const { rowsRead } = await library('model/blocks/rows-read.js');
const { rotaryAngles } = await library('model/blocks/rotary-angles.js');

/** The model with another encoder: `ideas` are the switches below, `extra` the parameters that they add. */
export function withIdeas(model, ideas) {
  const extra = extraParameters(model.config, ideas);
  return Object.assign(Object.create(model), {
    config: model.config,
    embeddings: model.embeddings,
    decoderBias: model.decoderBias,
    body: [...model.body, ...extra],
    parameters: [...model.parameters, ...extra],
    encode: (parameters, { inputIds }, rows) => [encode(parameters, model.config, { inputIds, rows }, ideas)],
    predictionLogits: (...rest) => model.predictionLogits(...rest),
    initialise: (values, options) => {
      model.initialise(values, options);
      for (const { name, kind } of extra) if (kind === 'mixing') values.get(name).data.fill(0);
      if (ideas.qkNorm && options.neighbourOffsets.length > 0) sharpen(values);
    },
  });
}

/** With gains of two on both sides the first block's heads look at their neighbours as sharply as without QK-norm. */
function sharpen(values) {
  for (const part of ['q', 'k']) values.get(`qk.0.${part}.weight`).data.fill(2);
}

/** Token mixing and value residuals start as nothing; gains of QK-norm at one. */
function extraParameters({ hiddenSize: H, numHiddenLayers: L, numAttentionHeads: A }, ideas) {
  const layers = Array.from({ length: L }, (_, layer) => layer);
  const mixing = (name) => ({ name, shape: [H, H], kind: 'mixing' });
  const convolution = (name) => ({ name, shape: [3, H], kind: 'mixing' });
  return [
    ...offsets(ideas).map((offset) => mixing(`mix.${offset}.weight`)),
    ...(ideas.canon ? layers.map((layer) => convolution(`canon.${layer}.weight`)) : []),
    ...(ideas.qkNorm
      ? layers.flatMap((layer) =>
          ['q', 'k'].map((part) => ({ name: `qk.${layer}.${part}.weight`, shape: [H / A], kind: 'gain' })),
        )
      : []),
    ...(ideas.valueResidual
      ? layers.slice(1).map((layer) => ({ name: `value.${layer}.weight`, shape: [H], kind: 'mixing' }))
      : []),
  ];
}

/** As src/model/families/modernbert.ts with global attention and no padding; only the last attention has all queries. */
function encode(parameters, config, { inputIds, rows }, ideas) {
  const { hiddenSize: H, numHiddenLayers: L, numAttentionHeads: A, normEps, ropeTheta } = config;
  const [B, T] = inputIds.shape;
  const weight = (name) => parameters.get(name);
  const norm = (x, name) => layerNorm(x, weight(`${name}.weight`), normEps);
  const [cos, sin] = rotaryAngles(inputIds.node.graph, T, H / A, ropeTheta);
  const heads = (x) => transpose(reshape(x, [B, T, A, H / A]), [0, 2, 1, 3]);
  let x = norm(
    reshape(gatherRows(weight('model.embeddings.tok_embeddings.weight'), inputIds), [-1, H]),
    'model.embeddings.norm',
  );
  if (ideas.tokenMixing) {
    const mixed = offsets(ideas).map((offset) =>
      linear(shifted(x, [B, T, H], offset), weight(`mix.${offset}.weight`)),
    );
    x = mixed.reduce((sum, part) => add(sum, part), x);
  }
  let firstValue;
  for (let layer = 0; layer < L; layer++) {
    const prefix = `model.layers.${layer}`;
    if (ideas.canon) x = add(x, convolve(x, weight(`canon.${layer}.weight`), [B, T, H]));
    const input = layer === 0 ? x : norm(x, `${prefix}.attn_norm`);
    const weights = split(weight(`${prefix}.attn.Wqkv.weight`), [H, H, H], 0);
    const biases = split(weight(`${prefix}.attn.Wqkv.bias`), [H, H, H], 0);
    let [q, k, v] = weights.map((part, index) => linear(input, part, biases[index]));
    if (ideas.valueResidual) {
      firstValue ??= v;
      if (layer > 0) v = add(v, mul(firstValue, weight(`value.${layer}.weight`)));
    }
    [q, k, v] = [q, k, v].map(heads);
    if (ideas.qkNorm) {
      q = rmsNorm(q, weight(`qk.${layer}.q.weight`), normEps);
      k = rmsNorm(k, weight(`qk.${layer}.k.weight`), normEps);
    }
    const { context } = attention(rotary(q, cos, sin), rotary(k, cos, sin), v, (H / A) ** -0.5);
    const joined = reshape(transpose(context, [0, 2, 1, 3]), [B * T, H]);
    const read = layer === L - 1 ? rows : undefined;
    const output = linear(
      rowsRead(joined, read),
      weight(`${prefix}.attn.Wo.weight`),
      weight(`${prefix}.attn.Wo.bias`),
    );
    x = add(rowsRead(x, read), output);
    x = add(x, feedForward(norm(x, `${prefix}.mlp_norm`), weight, `${prefix}.mlp`, config));
  }
  return norm(x, 'model.final_norm');
}

function feedForward(x, weight, prefix, { intermediateSize: F }) {
  const [value, gate] = split(weight(`${prefix}.Wi.weight`), [F, F], 0);
  return linear(mul(reluSquared(linear(x, value)), linear(x, gate)), weight(`${prefix}.Wo.weight`));
}

/** Over the last axis, which is left uncentred: neighbour attention is directions of queries and keys, and they stay. */
function rmsNorm(x, gain, epsilon) {
  const meanSquare = scale(reduceSum(mul(x, x), [-1], true), 1 / x.shape.at(-1));
  return mul(div(x, sqrt(addScalar(meanSquare, epsilon))), gain);
}

/** Relative positions of the neighbours that are mixed in. */
function offsets({ tokenMixing = 0 }) {
  return Array.from({ length: tokenMixing }, (_, index) => [-1 - index, 1 + index]).flat();
}

/** Of each token the one at an offset, zeros beyond the ends: f32[B * T, H]. */
function shifted(x, [B, T, H], offset) {
  const rows = reshape(x, [B, T, H]);
  const size = Math.abs(offset);
  const nothing = expand(constant(x.node.graph, Float32Array.of(0), []), [B, size, H]);
  const parts =
    offset < 0
      ? [nothing, split(rows, [T - size, size], 1)[0]]
      : [split(rows, [size, T - size], 1)[1], nothing];
  return reshape(concat(parts, 1), [B * T, H]);
}

/** A symmetric depthwise convolution of width three: Canon layers (Allen-Zhu 2025), for both directions. */
function convolve(x, kernel, sizes) {
  const [left, right] = [-1, 1].map((offset) => shifted(x, sizes, offset));
  const taps = split(kernel, [1, 1, 1], 0);
  return [left, x, right].map((part, tap) => mul(part, taps[tap])).reduce((sum, part) => add(sum, part));
}
