// How much faster products of bytes are than those of floats through ONNX Runtime, at the shapes of a step of `mini`:
//
//   npm run build && node bench/profile/integer-products.mjs [--rounds 9] [--threads 2]
//
// Eight products of one shape a run, all of another left operand; what leaves a run is the largest value of each. `quantised` has
// the left operand in float32 and brings it to bytes and the product back (DynamicQuantizeLinear). G operations a second, medians.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { library } from '../peers/library.mjs';

const { encodeOnnx, onnxGraph, onnxModel, onnxNode, onnxValueInfo } = await library('formats/onnx.js');

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});

const SHAPES = [
  [1024, 256, 256],
  [1024, 256, 1024],
  [1024, 1024, 256],
  [152, 256, 8192],
];
const PRODUCTS = 8;

/** ONNX's numbers for element types. */
const ELEMENT = { float32: 1, uint8: 2, int8: 3, int32: 6 };

function port(name, type, shape) {
  const info = onnxValueInfo(name, 'float32', shape);
  info.type.value.value.elemType = ELEMENT[type];
  return info;
}

const KINDS = {
  float: {
    left: 'float32',
    right: 'float32',
    result: 'float32',
    nodes: (i) => [onnxNode('MatMul', [`a${i}`, 'b'], [`c${i}`])],
  },
  bytes: {
    left: 'uint8',
    right: 'int8',
    result: 'int32',
    nodes: (i) => [onnxNode('MatMulInteger', [`a${i}`, 'b'], [`c${i}`])],
  },
  quantised: {
    left: 'float32',
    right: 'int8',
    result: 'float32',
    nodes: (i) => [
      onnxNode('DynamicQuantizeLinear', [`a${i}`], [`q${i}`, `s${i}`, `z${i}`]),
      onnxNode('MatMulInteger', [`q${i}`, 'b', `z${i}`], [`i${i}`]),
      onnxNode('Cast', [`i${i}`], [`f${i}`], { to: ELEMENT.float32 }),
      onnxNode('Mul', [`f${i}`, `s${i}`], [`c${i}`]),
    ],
  },
};

/** Evenly spread values of a type. */
function made(type, shape) {
  const count = shape[0] * shape[1];
  const wave = (index) => Math.sin(index * 1.7);
  if (type === 'float32')
    return new Tensor(
      type,
      Float32Array.from({ length: count }, (_, i) => wave(i)),
      shape,
    );
  if (type === 'uint8')
    return new Tensor(
      type,
      Uint8Array.from({ length: count }, (_, i) => 128 + 100 * wave(i)),
      shape,
    );
  return new Tensor(
    type,
    Int8Array.from({ length: count }, (_, i) => 100 * wave(i)),
    shape,
  );
}

async function meter([m, k, n], { left, right, result, nodes }) {
  const indices = Array.from({ length: PRODUCTS }, (_, index) => index);
  const graph = onnxGraph({
    name: 'products',
    nodes: [
      ...indices.flatMap(nodes),
      ...indices.map((i) => onnxNode('ReduceMax', [`c${i}`], [`r${i}`], { keepdims: 0 })),
      onnxNode(
        'Max',
        indices.map((i) => `r${i}`),
        ['largest'],
      ),
    ],
    inputs: [...indices.map((i) => port(`a${i}`, left, [m, k])), port('b', right, [k, n])],
    outputs: [port('largest', result)],
  });
  const session = await InferenceSession.create(encodeOnnx(onnxModel(graph, { '': 21 })), {
    intraOpNumThreads: Number(flags.threads),
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  const feeds = Object.fromEntries(indices.map((i) => [`a${i}`, made(left, [m, k])]));
  feeds.b = made(right, [k, n]);
  return async () => {
    const started = performance.now();
    await session.run(feeds);
    return (2 * PRODUCTS * m * k * n) / (performance.now() - started) / 1e6;
  };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
console.log(
  `| shape | ${Object.keys(KINDS).join(' | ')} |\n| --- | ${Object.keys(KINDS)
    .map(() => '---')
    .join(' | ')} |`,
);
for (const shape of SHAPES) {
  const meters = new Map();
  for (const [name, kind] of Object.entries(KINDS))
    meters.set(name, { measure: await meter(shape, kind), rates: [] });
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const { measure, rates } of meters.values()) rates.push(await measure());
  }
  const cells = [...meters.values()].map(({ rates }) => median(rates).toFixed(0));
  console.log(`| ${shape.join(' x ')} | ${cells.join(' | ')} |`);
}
