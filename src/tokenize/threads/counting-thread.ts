import { Worker } from 'node:worker_threads';
import { BackendError, LacunaError } from '../../core/index.js';
import type { PackedCounts } from '../trainers/chunk-counts.js';
import type { WordCutters } from '../trainers/trainer.js';
import type { CountingData, CountingReply, CountingRequest } from './protocol.js';

interface Pending {
  readonly resolve: (reply: CountingReply) => void;
  readonly reject: (error: Error) => void;
}

/** The worker is compiled code; from TypeScript sources (the test runner) it is taken from the build. */
function workerUrl(): URL {
  const fromSource = import.meta.url.endsWith('.ts');
  const path = fromSource ? '../../../dist/tokenize/threads/count-worker.js' : './count-worker.js';
  return new URL(path, import.meta.url);
}

/** A worker thread that counts blocks of text. */
export class CountingThread {
  /** Distinct chunks that it held when it last answered. */
  distinct = 0;
  private readonly worker: Worker;
  /** What was asked and not answered yet, in order. */
  private readonly pending: Pending[] = [];
  private failure: LacunaError | undefined;

  constructor({ normalizer, preTokenizer }: WordCutters) {
    const data: CountingData = { normalizer: normalizer.toJSON(), preTokenizer: preTokenizer.toJSON() };
    this.worker = new Worker(workerUrl(), { workerData: data });
    this.worker.on('message', (reply: CountingReply) => this.settle(reply));
    this.worker.on('error', (cause) =>
      this.fail(new BackendError(`a counting thread failed: ${cause.message}`, { cause })),
    );
    this.worker.on('exit', (status) =>
      this.fail(new BackendError(`a counting thread ended with status ${status}`)),
    );
  }

  /** Number of requests under way. */
  get load(): number {
    return this.pending.length;
  }

  /** Resolves when the block is counted; rejects with what went wrong in the thread. */
  async count(text: string, index: number): Promise<void> {
    const reply = await this.ask({ kind: 'count', text, index });
    if (reply.kind === 'counted') this.distinct = reply.distinct;
  }

  /** What was counted since the last time. */
  async drain(): Promise<readonly PackedCounts[]> {
    const reply = await this.ask({ kind: 'drain' });
    this.distinct = 0;
    return reply.kind === 'drained' ? reply.parts : [];
  }

  async close(): Promise<void> {
    this.failure ??= new BackendError('the counting thread is closed');
    await this.worker.terminate();
  }

  private ask(request: CountingRequest): Promise<CountingReply> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.worker.postMessage(request);
    return new Promise((resolve, reject) => this.pending.push({ resolve, reject }));
  }

  private settle(reply: CountingReply): void {
    const pending = this.pending.shift();
    if (reply.kind === 'failed') pending?.reject(new LacunaError(reply.code, reply.message));
    else pending?.resolve(reply);
  }

  private fail(error: LacunaError): void {
    this.failure ??= error;
    for (const { reject } of this.pending.splice(0)) reject(this.failure);
  }
}
