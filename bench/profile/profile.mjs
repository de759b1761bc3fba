// Where the time of a training step goes, by ONNX Runtime's own profiler:
//
//   node bench/profile/profile.mjs --preset mini [--sequence-length 128] [--mask-rate 0.15] [--steps 3] [--optimizer adamw|muon] [--by-shape]
//
// Prints each operator's share of the kernels' time, its milliseconds and calls a step, and for matrix products GFLOP/s.
// The profiler itself costs some per cent: `lacuna bench` has the speed.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { library } from '../peers/library.mjs';

const { compileStep } = await library('graph/index.js');
const { defaultRecipe, stepFlops, trainingStep } = await library('train/index.js');
const { stepModel, SPECIAL_IDS } = await library('api/step-meter.js');
const { PRESETS } = await library('api/presets.js');

const { values: flags } = parseArgs({
  options: {
    preset: { type: 'string', default: 'mini' },
    'sequence-length': { type: 'string', default: '128' },
    'micro-batch-size': { type: 'string' },
    'mask-rate': { type: 'string', default: '0.15' },
    steps: { type: 'string', default: '3' },
    optimizer: { type: 'string', default: 'adamw' },
    'by-shape': { type: 'boolean', default: false },
    rows: { type: 'string', default: '30' },
  },
});
const steps = Number(flags.steps);
const sequenceLength = Number(flags['sequence-length']);
const { batchTokens, ...sizes } = PRESETS[flags.preset];
const micro = flags['micro-batch-size'];
const model = stepModel({
  ...sizes,
  sequenceLength,
  batchSize: batchTokens / sequenceLength,
  maskRate: Number(flags['mask-rate']),
  ...(micro ? { microBatchSize: Number(micro) } : {}),
});
const muon = flags.optimizer === 'muon' ? { momentum: 0.95 } : undefined;
const step = trainingStep(model.language, model.shape, { ...defaultRecipe, muon, specialIds: SPECIAL_IDS });
const program = compileStep(step);

const folder = mkdtempSync(join(tmpdir(), 'lacuna-profile-'));
const session = await InferenceSession.create(program.onnx, {
  intraOpNumThreads: availableParallelism(),
  interOpNumThreads: 1,
  graphOptimizationLevel: 'basic',
  logSeverityLevel: 3,
  enableMemPattern: false,
  enableProfiling: true,
  profileFilePrefix: join(folder, 'profile'),
  extra: { session: { intra_op: { allow_spinning: '0' } } },
});

const sizeOf = (shape) => shape.reduce((product, size) => product * size, 1);

/** Plausible values for an input: small numbers, ids of ordinary tokens, positions inside each sequence. */
function feedFor({ name, dtype, shape }) {
  const count = sizeOf(shape);
  const { batchSize, predictions, microBatches = 1 } = model.shape;
  const value = (index) => {
    if (name === 'positions') {
      const sequence = Math.floor(index / (predictions / batchSize)) % batchSize;
      return sequence * sequenceLength + ((index * 7919) % sequenceLength);
    }
    if (dtype === 'int32')
      return SPECIAL_IDS.length + ((index * 104_729) % (sizes.vocabSize - SPECIAL_IDS.length));
    if (name === 'weights') return 1 / (predictions * microBatches);
    if (name.endsWith('retained')) return 1;
    if (name.startsWith('muon/')) return 1e-4;
    return name.includes('moment_') ? 0 : 0.03 * Math.sin(index);
  };
  const data = (dtype === 'int32' ? Int32Array : Float32Array).from({ length: count }, (_, index) =>
    value(index),
  );
  return new Tensor(dtype, data, shape);
}

const feeds = Object.fromEntries(program.inputs.map((port) => [port.name, feedFor(port)]));
await session.run(feeds);
const started = performance.now();
for (let step = 0; step < steps; step++) await session.run(feeds);
const msPerStep = (performance.now() - started) / steps;
session.endProfiling();
const [file] = readdirSync(folder);
const events = JSON.parse(readFileSync(join(folder, file), 'utf8'));
rmSync(folder, { recursive: true });

const shapesOf = (list) => (list ?? []).map((entry) => Object.values(entry)[0]);

/** Operations of a matrix product, from the sizes of both factors and of the product alone. */
function productFlops({ input_type_shape: inputs, output_type_shape: outputs }) {
  const [[a, b], [y]] = [shapesOf(inputs), shapesOf(outputs)];
  const batch = sizeOf(y.slice(0, -2));
  return 2 * batch * Math.sqrt((sizeOf(a) / batch) * (sizeOf(b) / batch) * (sizeOf(y) / batch));
}

const totals = new Map();
for (const { cat, name, args, dur } of events) {
  if (cat !== 'Node' || !name.endsWith('_kernel_time') || args.op_name === 'Loop') continue;
  const shapes = shapesOf(args.input_type_shape)
    .map((shape) => shape.join('x'))
    .join(', ');
  const key = flags['by-shape'] ? `${args.op_name} ${shapes}` : args.op_name;
  const total = totals.get(key) ?? { calls: 0, microseconds: 0, flops: 0 };
  total.calls++;
  total.microseconds += dur;
  if (/MatMul|Gemm/.test(args.op_name)) total.flops += productFlops(args);
  totals.set(key, total);
}

const all = [...totals.values()].reduce((sum, { microseconds }) => sum + microseconds, 0);
const effective = stepFlops(model.language, model.shape) / msPerStep / 1e6;
console.log(
  `${flags.preset}, ${model.shape.batchSize} x ${sequenceLength} tokens at once: ${msPerStep.toFixed(1)} ms a step, ${effective.toFixed(1)} GFLOP/s effective\n`,
);
console.log('| operator | share | ms a step | calls a step | GFLOP/s |\n| --- | ---: | ---: | ---: | ---: |');
const ranked = [...totals].sort(([, a], [, b]) => b.microseconds - a.microseconds);
for (const [name, { calls, microseconds, flops }] of ranked.slice(0, Number(flags.rows))) {
  const cells = [
    `${((100 * microseconds) / all).toFixed(1)} %`,
    (microseconds / 1000 / (steps + 1)).toFixed(2),
    (calls / (steps + 1)).toFixed(0),
    flops > 0 ? (flops / microseconds / 1000).toFixed(0) : '',
  ];
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
