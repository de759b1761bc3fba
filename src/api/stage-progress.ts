import type { TrainEvent, TrainStage } from './types.js';

/** Shorter work says nothing; longer work says something as often. */
const EVERY_MS = 5000;
const MEGABYTE = 1e6;

/** Says now and then how far a stage is, and how long it will take where the whole is known. */
export class StageProgress {
  private readonly started = performance.now();
  private said = this.started;
  private done = 0;

  constructor(
    private readonly stage: TrainStage,
    private readonly report: (event: TrainEvent) => void,
    /** Bytes of the whole. */
    private readonly total?: number,
  ) {}

  add(bytes: number): void {
    this.done += bytes;
    const now = performance.now();
    if (now - this.said < EVERY_MS) return;
    this.said = now;
    this.report({ type: 'stage', stage: this.stage, detail: this.describe(now - this.started) });
  }

  private describe(elapsedMs: number): string {
    const perSecond = (1000 * this.done) / elapsedMs;
    const rate = `${megabytes(perSecond)} a second`;
    if (this.total === undefined) return `${megabytes(this.done)}, ${rate}`;
    const seconds = Math.ceil(Math.max(0, this.total - this.done) / perSecond);
    return `${megabytes(this.done)} of ${megabytes(this.total)}, ${rate}, ${seconds} s left`;
  }
}

/** A number of bytes in words, such as `1,234.5 MB`. */
export function megabytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toLocaleString('en-US', { maximumFractionDigits: 1 })} MB`;
}
