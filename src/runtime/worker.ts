import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { BackendError, type DType, errorMessage } from '../core/index.js';
import { AdamWState } from './adamw.js';
import {
  type AdamWSetup,
  buffersOf,
  type Envelope,
  type Reply,
  type Request,
  type StepFeeds,
  type TensorData,
  type TensorValue,
  type TensorValues,
} from './protocol.js';

/** A loaded program with the tensors that stay here between its runs. */
interface Resident {
  readonly session: InferenceSession;
  readonly carried: Readonly<Record<string, string>>;
  readonly adamW: AdamWSetup | undefined;
  /** Parameters and moments that AdamW updates; made when they are first written. */
  block: AdamWState | undefined;
  state: Record<string, Tensor>;
}

const DTYPES: Readonly<Record<string, DType>> = {
  float32: 'float32',
  int32: 'int32',
  int64: 'int64',
  bool: 'bool',
};

function toTensor({ dtype, shape, data }: TensorValue): Tensor {
  return new Tensor(dtype, data, shape);
}

function toValue(tensor: Tensor): TensorValue {
  const dtype = DTYPES[tensor.type];
  if (!dtype)
    throw new BackendError(`a program gave a tensor of type ${tensor.type}, which Lacuna does not use`);
  return { dtype, shape: tensor.dims, data: tensor.data as TensorData };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));
}

/** Outputs of this size are collected at once: V8 lets several generations of them pile up otherwise. */
const LARGE_OUTPUT_BYTES = 2 ** 24;

/** Runs V8's garbage collector in this thread. */
const collectGarbage = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();

const residents = new Map<number, Resident>();

function resident(program: number): Resident {
  const found = residents.get(program);
  if (!found) throw new BackendError(`program ${program} is not loaded`);
  return found;
}

async function load(request: Extract<Request, { kind: 'load' }>): Promise<void> {
  const session = await InferenceSession.create(request.onnx, {
    executionProviders: ['cpu'],
    intraOpNumThreads: request.settings.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // Level 'all' would move transpositions back into the products, where they cost more.
    graphOptimizationLevel: 'basic',
    logSeverityLevel: 4, // errors come as exceptions
    // A plan of one block for all activations of a run is a third larger than what is alive at any moment.
    enableMemPattern: false,
    // Spinning pool threads would steal the core that prepares the next batch.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  const { carried, adamW } = request;
  residents.set(request.program, { session, carried, adamW, block: undefined, state: {} });
}

async function run(program: number, feeds: TensorValues): Promise<TensorValues> {
  const target = resident(program);
  return mapValues(await target.session.run({ ...target.state, ...mapValues(feeds, toTensor) }), toValue);
}

/** Replaces carried state by the outputs that carry it on. */
function takeCarried(target: Resident, results: Readonly<Record<string, Tensor>>): void {
  for (const [output, input] of Object.entries(target.carried)) {
    const tensor = results[output];
    if (tensor) target.state[input] = tensor;
  }
}

async function steps(program: number, requests: readonly StepFeeds[]): Promise<TensorValues> {
  const target = resident(program);
  const metrics: Record<string, Float32Array> = {};
  for (const [index, request] of requests.entries()) {
    for (const [name, value] of Object.entries(await step(target, request))) {
      metrics[name] ??= new Float32Array(requests.length);
      metrics[name][index] = value;
    }
  }
  return mapValues(metrics, (data): TensorValue => ({ dtype: 'float32', shape: [data.length], data }));
}

/** One step of training: the program, then AdamW in place, unless a metric is not finite. */
async function step(target: Resident, { feeds, scalars }: StepFeeds): Promise<Record<string, number>> {
  const { adamW, block } = target;
  if (!adamW || !block) throw new BackendError('the program has nothing to train');
  const results = await target.session.run({ ...target.state, ...mapValues(feeds, toTensor) });
  const gradients = new Set(adamW.updates.map(({ gradient }) => gradient));
  const metrics: Record<string, number> = {};
  let bytes = 0;
  for (const [name, tensor] of Object.entries(results)) {
    bytes += (tensor.data as TensorData).byteLength;
    if (!gradients.has(name) && target.carried[name] === undefined)
      metrics[name] = Number((tensor.data as TensorData)[0]);
  }
  if (Object.values(metrics).every(Number.isFinite)) {
    const norm = metrics[adamW.norm];
    if (norm === undefined) throw new BackendError(`the program gives no '${adamW.norm}'`);
    const scale = norm > adamW.maxGradientNorm ? adamW.maxGradientNorm / norm : 1;
    block.update(adamW, (output) => results[output]?.data as Float32Array, scale, scalars);
    takeCarried(target, results);
  }
  if (bytes > LARGE_OUTPUT_BYTES) collectGarbage();
  return metrics;
}

/** Puts values where the program finds them: into AdamW's block, or beside it. */
function writeState(target: Resident, values: TensorValues): void {
  for (const [name, value] of Object.entries(values)) {
    const isKnown = target.adamW?.updates.some((update) =>
      [update.parameter, update.first, update.second].includes(name),
    );
    if (isKnown) blockOf(target).write(name, value.data as Float32Array);
    else target.state[name] = toTensor(value);
  }
}

/** AdamW's block of a program, whose parameters its session reads in place. */
function blockOf(target: Resident): AdamWState {
  if (target.block) return target.block;
  if (!target.adamW) throw new BackendError('the program has nothing to train');
  const block = new AdamWState(target.adamW);
  for (const { parameter, shape } of target.adamW.updates) {
    target.state[parameter] = new Tensor('float32', block.tensors.get(parameter) as Float32Array, shape);
  }
  target.block = block;
  return block;
}

/** A copy of the state of a program, or of a part of it. */
function readState({ block, state, adamW }: Resident, names: readonly string[] | undefined): TensorValues {
  const shapes = new Map(
    adamW?.updates.flatMap(({ first, second, shape }) => [[first, shape] as const, [second, shape] as const]),
  );
  const value = (name: string): TensorValue => {
    const tensor = state[name];
    const data = block?.tensors.get(name);
    if (data) return { dtype: 'float32', shape: tensor?.dims ?? shapes.get(name) ?? [], data: data.slice() };
    if (!tensor) throw new BackendError(`the program carries no '${name}'`);
    return toValue(tensor);
  };
  const all = new Set([...Object.keys(state), ...(block?.tensors.keys() ?? [])]);
  return Object.fromEntries([...(names ?? all)].map((name) => [name, value(name)]));
}

function moveState(from: Resident, to: Resident): void {
  Object.assign(to, { state: from.state, block: from.block });
  Object.assign(from, { state: {}, block: undefined });
}

async function release(program: number): Promise<void> {
  const { session, block } = resident(program);
  await session.release();
  residents.delete(program);
  // Another training may follow, and would otherwise stand beside the memory of this one.
  if (block) collectGarbage();
}

async function answer(request: Request): Promise<{ values: TensorValues; transfer: boolean }> {
  switch (request.kind) {
    case 'load':
      await load(request);
      return { values: {}, transfer: false };
    case 'run':
      return { values: await run(request.program, request.feeds), transfer: true };
    case 'steps':
      return { values: await steps(request.program, request.steps), transfer: true };
    case 'writeState':
      writeState(resident(request.program), request.state);
      return { values: {}, transfer: false };
    case 'readState':
      return { values: readState(resident(request.program), request.names), transfer: false };
    case 'moveState':
      moveState(resident(request.from), resident(request.program));
      return { values: {}, transfer: false };
    case 'release':
      await release(request.program);
      return { values: {}, transfer: false };
    case 'ready':
      return { values: {}, transfer: false };
  }
}

const port = parentPort;
if (!port) throw new BackendError('the runtime worker must be started as a worker thread');

// One request at a time, in order: a run must not overtake the state it needs.
let queue = Promise.resolve();
port.on('message', ({ id, request }: Envelope) => {
  queue = queue.then(async () => {
    try {
      const { values, transfer } = await answer(request);
      port.postMessage({ id, values } satisfies Reply, transfer ? buffersOf(values) : []);
    } catch (error) {
      port.postMessage({ id, error: errorMessage(error) } satisfies Reply);
    }
  });
});
