// TensorFlow.js on its WebAssembly back end, with its own Adam; look-ups have a gradient of ours, because that back end
// lacks the kernel that TensorFlow.js would use. Usage: tfjs.mjs FOLDER THREADS
import * as tf from '@tensorflow/tfjs';
import { setThreadsCount, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import { repeat, serve } from './serve.mjs';
import { readExercise, rotaryTables, validity } from './step.mjs';

const [folder, threads] = process.argv.slice(2);
setThreadsCount(Number(threads));
await tf.setBackend('wasm');
tf.enableProdMode();

const { sizes, config, parameters, parameterCount, nextBatch, first } = readExercise(folder);
const { batchSize: B, sequenceLength: T, hidden: H, heads: A, layers: L } = sizes;
const D = H / A;
const weights = new Map(
  [...parameters].map(([name, { shape, data }]) => [name, tf.variable(tf.tensor(data, shape), true, name)]),
);
const weight = (name) => weights.get(name);
const tables = rotaryTables(sizes, config.global_rope_theta);
const [cos, sin] = [tf.tensor(tables.cos, [T, D]), tf.tensor(tables.sin, [T, D])];
const validityBias = tf.tensor(validity(sizes));

/** Rows of f32[N, W] at i32[K]; the gradient adds up rows by scatterND. */
const gatherRows = tf.customGrad((table, indices, save) => {
  save([indices]);
  const shape = table.shape;
  return {
    value: tf.gather(table, indices),
    gradFunc: (dy, [saved]) => [tf.scatterND(saved.expandDims(1), dy, shape), tf.zerosLike(saved)],
  };
});

const transposed = (x) => tf.transpose(x, [...Array(x.rank - 2).keys(), x.rank - 1, x.rank - 2]);

/**
 * a times b, b transposed: only products without transposed operands have a fast kernel here, and TensorFlow.js's own
 * gradient transposes inside the product, so that operands are transposed before it.
 */
const product = tf.customGrad((a, b, save) => {
  save([a, b]);
  return {
    value: tf.matMul(a, transposed(b)),
    gradFunc: (dy, [a, b]) => [tf.matMul(dy, b), tf.matMul(transposed(dy), a)],
  };
});

const linear = (x, name, bias) => {
  const projected = product(x, weight(name));
  return bias ? projected.add(weight(bias)) : projected;
};

function layerNorm(x, name) {
  const centred = x.sub(x.mean(-1, true));
  const variance = centred.square().mean(-1, true);
  return centred.mul(variance.add(config.norm_eps).rsqrt()).mul(weight(`${name}.weight`));
}

function rotate(x) {
  const [left, right] = tf.split(x, 2, 3);
  return x.mul(cos).add(tf.concat([right.neg(), left], 3).mul(sin));
}

function attention(x, prefix) {
  const parts = tf.split(linear(x, `${prefix}.Wqkv.weight`, `${prefix}.Wqkv.bias`), 3, 1);
  const [q, k, v] = parts.map((part) => part.reshape([B, T, A, D]).transpose([0, 2, 1, 3]));
  const scores = product(rotate(q), rotate(k)).mul(D ** -0.5);
  const context = product(tf.softmax(scores), transposed(v));
  return linear(
    context.transpose([0, 2, 1, 3]).reshape([B * T, H]),
    `${prefix}.Wo.weight`,
    `${prefix}.Wo.bias`,
  );
}

function feedForward(x, prefix) {
  const [value, gate] = tf.split(linear(x, `${prefix}.Wi.weight`), 2, 1);
  return linear(value.relu().square().mul(gate), `${prefix}.Wo.weight`);
}

/** Mean cross-entropy in nats at the masked positions. */
function loss({ inputIds, positions, labels }) {
  const embeddings = weight('model.embeddings.tok_embeddings.weight');
  const rows = gatherRows(embeddings, tf.tensor1d(inputIds, 'int32'));
  let x = layerNorm(rows, 'model.embeddings.norm');
  for (let layer = 0; layer < L; layer++) {
    const prefix = `model.layers.${layer}`;
    x = x.add(attention(layer === 0 ? x : layerNorm(x, `${prefix}.attn_norm`), `${prefix}.attn`));
    x = x.add(feedForward(layerNorm(x, `${prefix}.mlp_norm`), `${prefix}.mlp`));
  }
  x = layerNorm(gatherRows(x, tf.tensor1d(positions, 'int32')), 'model.final_norm');
  x = layerNorm(linear(x, 'head.dense.weight', 'head.dense.bias'), 'head.norm');
  const bias = weight('decoder.bias').add(validityBias);
  const logits = product(x, embeddings).add(bias);
  return tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d(labels, 'int32'), sizes.vocabSize), logits);
}

const { learningRate, beta1, beta2, epsilon, maxGradientNorm } = sizes.optimizer;
const adam = tf.train.adam(learningRate / 100, beta1, beta2, epsilon);

/** The predictions of a batch that are not padding. */
function ordinary({ inputIds, positions, labels, maskedCount }) {
  return {
    inputIds,
    positions: positions.subarray(0, maskedCount),
    labels: labels.subarray(0, maskedCount),
  };
}

async function step() {
  const batch = ordinary(nextBatch());
  const value = tf.tidy(() => {
    const { value, grads } = tf.variableGrads(() => loss(batch));
    const norms = Object.values(grads).map((gradient) => gradient.square().sum());
    const factor = tf.minimum(tf.scalar(1), tf.scalar(maxGradientNorm).div(tf.addN(norms).sqrt()));
    const clipped = Object.entries(grads).map(([name, gradient]) => [name, gradient.mul(factor)]);
    adam.applyGradients(Object.fromEntries(clipped));
    return value;
  });
  await value.data();
  value.dispose();
}

const initial = tf.tidy(() => loss(first).dataSync()[0]);
await step();
await serve(
  {
    parameters: parameterCount,
    initialLossNats: initial,
    detail: `tfjs ${tf.version.tfjs}, WebAssembly ${version_wasm}, SIMD, Adam without decay`,
  },
  repeat(step),
);
