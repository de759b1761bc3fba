import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { BackendError, type DType, errorMessage } from '../core/index.js';
import {
  buffersOf,
  type Envelope,
  type Reply,
  type Request,
  type TensorData,
  type TensorValue,
  type TensorValues,
} from './protocol.js';

/** A loaded program with the tensors that stay here between its runs. */
interface Resident {
  readonly session: InferenceSession;
  readonly carried: Readonly<Record<string, string>>;
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

/** Replaced state of this size is collected at once: V8 lets several generations of it pile up otherwise. */
const LARGE_STATE_BYTES = 2 ** 24;

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
    logSeverityLevel: 3,
    // A plan of one block for all activations of a run is a third larger than what is alive at any moment.
    enableMemPattern: false,
    // Spinning pool threads would steal the core that prepares the next batch.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  residents.set(request.program, { session, carried: request.carried, state: {} });
}

function isFiniteTensor(tensor: Tensor | undefined): boolean {
  return tensor?.type === 'float32' && (tensor.data as Float32Array).every(Number.isFinite);
}

async function run(program: number, feeds: TensorValues, finite: readonly string[]): Promise<TensorValues> {
  const target = resident(program);
  const results = await target.session.run({ ...target.state, ...mapValues(feeds, toTensor) });
  const takesState = finite.every((name) => isFiniteTensor(results[name]));
  const reported: Record<string, TensorValue> = {};
  let replacedBytes = 0;
  for (const [name, tensor] of Object.entries(results)) {
    const inputName = target.carried[name];
    if (inputName === undefined) reported[name] = toValue(tensor);
    else if (takesState) {
      target.state[inputName] = tensor;
      replacedBytes += (tensor.data as TensorData).byteLength;
    }
  }
  if (replacedBytes > LARGE_STATE_BYTES) collectGarbage();
  return reported;
}

function named(state: Readonly<Record<string, Tensor>>, names: readonly string[] | undefined) {
  if (!names) return state;
  return Object.fromEntries(
    names.map((name) => {
      const tensor = state[name];
      if (!tensor) throw new BackendError(`the program carries no '${name}'`);
      return [name, tensor];
    }),
  );
}

async function answer(request: Request): Promise<{ values: TensorValues; transfer: boolean }> {
  switch (request.kind) {
    case 'load':
      await load(request);
      return { values: {}, transfer: false };
    case 'run':
      return { values: await run(request.program, request.feeds, request.finite), transfer: true };
    case 'writeState':
      Object.assign(resident(request.program).state, mapValues(request.state, toTensor));
      return { values: {}, transfer: false };
    case 'readState':
      return {
        values: mapValues(named(resident(request.program).state, request.names), toValue),
        transfer: false,
      };
    case 'moveState':
      resident(request.program).state = resident(request.from).state;
      resident(request.from).state = {};
      return { values: {}, transfer: false };
    case 'release':
      await resident(request.program).session.release();
      residents.delete(request.program);
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
