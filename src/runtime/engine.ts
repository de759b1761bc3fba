import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { BackendError, explainMemory } from '../core/index.js';
import type { Program } from '../graph/index.js';
import type { AdamWSetup, Envelope, Reply, Request, StepFeeds, TensorValues } from './protocol.js';

export interface EngineOptions {
  /** Threads inside one operator; by default one for each core. */
  readonly threads?: number;
}

export interface LoadOptions {
  /** Outputs that become inputs at the next step, by output name; they stay in the worker. */
  readonly carried?: Readonly<Record<string, string>>;
  /** Makes the program a step of training, whose parameters AdamW updates in the worker. */
  readonly adamW?: AdamWSetup;
}

interface Pending {
  readonly done: Promise<TensorValues>;
  readonly resolve: (values: TensorValues) => void;
  readonly reject: (error: Error) => void;
}

function withResolvers(): { promise: Promise<TensorValues> } & Omit<Pending, 'done'> {
  let resolve: Pending['resolve'] = () => undefined;
  let reject: Pending['reject'] = () => undefined;
  const promise = new Promise<TensorValues>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

/** The worker is compiled code; from TypeScript sources (the test runner) it is taken from the build. */
function workerUrl(): URL {
  const fromSource = import.meta.url.endsWith('.ts');
  return new URL(fromSource ? '../../dist/runtime/worker.js' : './worker.js', import.meta.url);
}

/** What ONNX Runtime said, with what to do about it where that is known. */
export function explained(message: string): string {
  return `ONNX Runtime: ${explainMemory(message)}`;
}

/** A program loaded in the worker. */
export class LoadedProgram {
  constructor(
    private readonly send: (request: Request) => Promise<TensorValues>,
    private readonly id: number,
    readonly program: Program,
  ) {}

  /** Runs once; `feeds` are the inputs that are not in the state. */
  run(feeds: TensorValues): Promise<TensorValues> {
    this.checkFeeds(feeds);
    return this.send({ kind: 'run', program: this.id, feeds });
  }

  /**
   * Does steps of training one after the other, and returns the metrics, f32[] each, of all of them as f32[steps]. A
   * step with a metric that is not finite leaves the state as it was.
   */
  steps(steps: readonly StepFeeds[]): Promise<TensorValues> {
    for (const { feeds } of steps) this.checkFeeds(feeds);
    return this.send({ kind: 'steps', program: this.id, steps });
  }

  /** Sets state by name, inputs that stay in the worker and AdamW's moments; what is not named stays as it is. */
  async writeState(state: TensorValues): Promise<void> {
    await this.send({ kind: 'writeState', program: this.id, state });
  }

  /** A copy of the state, or of the named part of it. */
  readState(names?: readonly string[]): Promise<TensorValues> {
    return this.send({ kind: 'readState', program: this.id, names });
  }

  /** Takes over the state of another program of the same engine, which then has none. */
  async takeState(from: LoadedProgram): Promise<void> {
    await this.send({ kind: 'moveState', program: this.id, from: from.id });
  }

  /** Frees the session. */
  async release(): Promise<void> {
    await this.send({ kind: 'release', program: this.id });
  }

  private checkFeeds(feeds: TensorValues): void {
    for (const [name, value] of Object.entries(feeds)) {
      const port = this.program.inputs.find((input) => input.name === name);
      if (!port) throw new BackendError(`the program has no input '${name}'`);
      const fits =
        port.dtype === value.dtype &&
        port.shape.length === value.shape.length &&
        port.shape.every((size, axis) => typeof size === 'string' || size === value.shape[axis]);
      if (!fits) {
        throw new BackendError(
          `input '${name}' must be ${port.dtype}[${port.shape}], got ${value.dtype}[${value.shape}]`,
        );
      }
    }
  }
}

/** Stack of a worker, in MiB, and what it needs more for each byte of the command line: 290 bytes were measured. */
const STACK_MIB = 4;
const STACK_BYTES_PER_COMMAND_LINE_BYTE = 512;

/**
 * The stack that ONNX Runtime needs, in MiB. As it is loaded, it matches /proc/self/cmdline with std::regex, which recurses
 * once for each character: with the usual 4 MiB, some 14,000 of them (a shell's `*.txt`) end the process with SIGSEGV.
 */
function stackSizeMb(): number {
  const bytes = [...process.execArgv, ...process.argv].reduce(
    (sum, each) => sum + Buffer.byteLength(each),
    0,
  );
  return STACK_MIB + Math.ceil((bytes * STACK_BYTES_PER_COMMAND_LINE_BYTE) / 2 ** 20);
}

/**
 * Runs compiled programs on ONNX Runtime in a worker thread, so that the calling thread stays free for data,
 * progress and signals. Close it when done.
 */
export class Engine {
  readonly threads: number;
  private readonly worker: Worker;
  private readonly pending = new Map<number, Pending>();
  private nextId = 0;
  private failure: BackendError | undefined;
  private hasAnswered = false;

  constructor(options: EngineOptions = {}) {
    this.threads = options.threads ?? availableParallelism();
    this.worker = new Worker(workerUrl(), { resourceLimits: { stackSizeMb: stackSizeMb() } });
    this.worker.on('message', (reply: Reply) => this.settle(reply));
    this.worker.on('error', (cause) =>
      this.fail(`the runtime worker failed: ${explainMemory(cause.message)}`, cause),
    );
    this.worker.on('exit', (code) => this.fail(`the runtime worker ended with status ${code}`));
    this.worker.unref();
  }

  /** Compiles a program into a session. */
  async load(program: Program, options: LoadOptions = {}): Promise<LoadedProgram> {
    const id = this.nextId++;
    const settings = { threads: this.threads };
    await this.send({
      kind: 'load',
      program: id,
      onnx: program.onnx,
      settings,
      carried: options.carried ?? {},
      adamW: options.adamW,
    });
    return new LoadedProgram((request) => this.send(request), id, program);
  }

  /** Resolves when ONNX Runtime is loaded; throws a BackendError when the worker has ended. */
  async readiness(): Promise<void> {
    await this.send({ kind: 'ready' });
  }

  /**
   * Ends the worker after the requests under way. A run in progress must not be cut off, nor a worker that is still loading
   * ONNX Runtime: either would abort the process.
   */
  async close(): Promise<void> {
    if (!this.hasAnswered) await this.readiness().catch(() => undefined); // it failed: there is none to end
    while (this.pending.size > 0)
      await Promise.allSettled([...this.pending.values()].map(({ done }) => done));
    this.failure = new BackendError('the engine is closed');
    await this.worker.terminate();
  }

  private send(request: Request): Promise<TensorValues> {
    if (this.failure) return Promise.reject(this.failure);
    const id = this.nextId++;
    this.worker.ref();
    const { promise, resolve, reject } = withResolvers();
    this.pending.set(id, { done: promise, resolve, reject });
    this.worker.postMessage({ id, request } satisfies Envelope);
    return promise;
  }

  private settle(reply: Reply): void {
    this.hasAnswered = true;
    const pending = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    if (this.pending.size === 0) this.worker.unref();
    if ('error' in reply) pending?.reject(new BackendError(explained(reply.error)));
    else pending?.resolve(reply.values);
  }

  private fail(message: string, cause?: unknown): void {
    this.failure ??= new BackendError(message, { cause });
    for (const { reject } of this.pending.values()) reject(this.failure);
    this.pending.clear();
  }
}
