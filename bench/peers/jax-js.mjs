// jax-js on its WebAssembly back end: the whole step, Adam included, as one jitted function. Usage: jax-js.mjs FOLDER
import { init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import { repeat, serve } from './serve.mjs';
import { readExercise, rotaryTables, validity } from './step.mjs';

await init('wasm');
const { sizes, config, parameters, parameterCount, nextBatch, first } = readExercise(process.argv[2]);
const { batchSize: B, sequenceLength: T, hidden: H, heads: A, layers: L, vocabSize: V } = sizes;
const D = H / A;
const M = nextBatch().positions.length;

const floats = (data, shape) => np.array(data, { dtype: np.float32 }).reshape(shape);
const ints = (data) => np.array(Int32Array.from(data), { dtype: np.int32 });
const tables = rotaryTables(sizes, config.global_rope_theta);
const [cos, sin] = [floats(tables.cos, [T, D]), floats(tables.sin, [T, D])];
const validityBias = floats(validity(sizes), [V]);

// Every function here takes ownership of its arguments, as all of jax-js does: `.ref` where a value is used again.
const linear = (x, weight, bias) => {
  const projected = np.matmul(x, np.transpose(weight));
  return bias ? np.add(projected, bias) : projected;
};

const layerNorm = (x, weight) => np.multiply(nn.standardize(x, -1, { epsilon: config.norm_eps }), weight);

/** Rows by a product with one-hot vectors: look-ups have no gradient in jax-js. */
const gatherRows = (table, indices, count) => np.matmul(nn.oneHot(indices, count), table);

function rotate(x) {
  const [left, right] = np.split(x.ref, 2, 3);
  const turned = np.concatenate([np.negative(right), left], 3);
  return np.add(np.multiply(x, cos.ref), np.multiply(turned, sin.ref));
}

function attention(p, x, prefix) {
  const qkv = linear(x, p[`${prefix}.Wqkv.weight`].ref, p[`${prefix}.Wqkv.bias`].ref);
  const [q, k, v] = np
    .split(qkv, 3, 1)
    .map((part) => np.transpose(np.reshape(part, [B, T, A, D]), [0, 2, 1, 3]));
  const scores = np.matmul(rotate(q), np.transpose(rotate(k), [0, 1, 3, 2]));
  const context = np.matmul(nn.softmax(np.multiply(scores, D ** -0.5), -1), v);
  const joined = np.reshape(np.transpose(context, [0, 2, 1, 3]), [B * T, H]);
  return linear(joined, p[`${prefix}.Wo.weight`].ref, p[`${prefix}.Wo.bias`].ref);
}

function feedForward(p, x, prefix) {
  const [value, gate] = np.split(linear(x, p[`${prefix}.Wi.weight`].ref), 2, 1);
  const activated = np.square(nn.relu(value));
  return linear(np.multiply(activated, gate), p[`${prefix}.Wo.weight`].ref);
}

/** Mean cross-entropy in nats at the masked positions; `weights` f32[M] sum to 1. */
function loss(p, inputIds, positions, labels, weights) {
  const embeddings = p['model.embeddings.tok_embeddings.weight'];
  let x = layerNorm(gatherRows(embeddings.ref, inputIds, V), p['model.embeddings.norm.weight'].ref);
  for (let layer = 0; layer < L; layer++) {
    const prefix = `model.layers.${layer}`;
    const normed = layer === 0 ? x.ref : layerNorm(x.ref, p[`${prefix}.attn_norm.weight`].ref);
    x = np.add(x, attention(p, normed, `${prefix}.attn`));
    const normedAgain = layerNorm(x.ref, p[`${prefix}.mlp_norm.weight`].ref);
    x = np.add(x, feedForward(p, normedAgain, `${prefix}.mlp`));
  }
  x = layerNorm(gatherRows(x, positions, B * T), p['model.final_norm.weight'].ref);
  x = linear(x, p['head.dense.weight'].ref, p['head.dense.bias'].ref);
  x = layerNorm(x, p['head.norm.weight'].ref);
  const bias = np.add(p['decoder.bias'].ref, validityBias.ref);
  const logits = linear(x, embeddings.ref, bias);
  const picked = np.multiply(nn.logSoftmax(logits, -1), nn.oneHot(labels, V));
  tree.dispose(p);
  return np.negative(np.sum(np.multiply(np.sum(picked, -1), weights)));
}

const { learningRate, beta1, beta2, epsilon, maxGradientNorm } = sizes.optimizer;
const RATE = learningRate / 100;

/** Clipping by the global norm, then Adam (Kingma & Ba 2015, algorithm 1) without bias correction. */
function update(p, first, second, gradients) {
  const squares = Object.values(gradients).map((gradient) => np.sum(np.square(gradient.ref)));
  const norm = np.sqrt(squares.reduce((sum, square) => np.add(sum, square)));
  const factor = np.minimum(np.divide(maxGradientNorm, norm), 1);
  const next = [{}, {}, {}];
  for (const name of Object.keys(p)) {
    const gradient = np.multiply(gradients[name], factor.ref);
    const m = np.add(np.multiply(first[name], beta1), np.multiply(gradient.ref, 1 - beta1));
    const v = np.add(np.multiply(second[name], beta2), np.multiply(np.square(gradient), 1 - beta2));
    const change = np.divide(np.multiply(m.ref, RATE), np.add(np.sqrt(v.ref), epsilon));
    next[0][name] = np.subtract(p[name], change);
    next[1][name] = m;
    next[2][name] = v;
  }
  factor.dispose();
  return next;
}

const lossAndGradients = valueAndGrad(loss);
const trainingStep = jit((p, first, second, inputIds, positions, labels, weights) => {
  const [value, gradients] = lossAndGradients(tree.ref(p), inputIds, positions, labels, weights);
  return [value, ...update(p, first, second, gradients)];
});

/** A batch's four arrays, padded to M predictions. */
function arrays({ inputIds, positions, labels }, count) {
  const padded = (values, filler) => Array.from({ length: M }, (_, i) => (i < count ? values[i] : filler));
  const weights = Float32Array.from({ length: M }, (_, i) => (i < count ? 1 / count : 0));
  return [
    ints(inputIds),
    ints(padded(positions, 0)),
    ints(padded(labels, sizes.specialIds.length)),
    floats(weights, [M]),
  ];
}

const zeros = () => Object.fromEntries([...parameters].map(([name, { shape }]) => [name, np.zeros(shape)]));
let state = [
  Object.fromEntries([...parameters].map(([name, { shape, data }]) => [name, floats(data, shape)])),
  zeros(),
  zeros(),
];

async function stepOn(batch, count) {
  const [value, ...next] = trainingStep(...state, ...arrays(batch, count));
  state = next;
  const [nats] = await value.data();
  return nats;
}

async function step() {
  const batch = nextBatch();
  await stepOn(batch, batch.maskedCount);
}

const initial = await stepOn(first, first.positions.length);
await step();
await serve(
  {
    parameters: parameterCount,
    initialLossNats: initial,
    detail: 'jax-js 0.1.25, WebAssembly, one jitted step, Adam without decay',
  },
  repeat(step),
);
