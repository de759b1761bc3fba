import { createHash, type Hash } from 'node:crypto';
import { closeSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { toFileError } from '../files/index.js';

/** What a run does, in order. Without times, so that a repeated run writes the same bytes. */
export type RunEvent =
  | {
      readonly type: 'step';
      readonly step: number;
      readonly lossNats: number;
      readonly accuracy: number;
      readonly gradientNorm: number;
      readonly learningRate: number;
    }
  /** A step that changed nothing; its numbers as text, because JSON has no NaN. */
  | { readonly type: 'skip'; readonly step: number; readonly lossNats: string; readonly gradientNorm: string }
  | {
      readonly type: 'rewind';
      readonly step: number;
      readonly toStep: number;
      readonly rateScale: number;
      readonly reason: string;
    }
  | {
      readonly type: 'evaluation';
      readonly step: number;
      readonly lossNats: number;
      readonly accuracy: number;
      readonly best: boolean;
    }
  | { readonly type: 'end'; readonly step: number; readonly reason: 'budget' | 'early-stop' };

/** How much of a log has been written. */
export interface LogMark {
  readonly bytes: number;
  readonly sha256: string;
}

const CHUNK_BYTES = 1 << 16;

/** The event log of a run: JSON lines, appended. */
export class EventLog {
  private readonly hash: Hash = createHash('sha256');
  private bytes = 0;

  private constructor(
    private readonly path: string,
    private readonly descriptor: number,
  ) {}

  /** Opens a log for appending after `mark`: what was written later is cut off. `isIntact` says whether it reached it. */
  static open(path: string, mark?: LogMark): { log: EventLog; isIntact: boolean } {
    try {
      const log = new EventLog(path, openSync(path, 'a+'));
      const isIntact = log.readUpTo(mark?.bytes ?? 0) && (!mark || log.mark().sha256 === mark.sha256);
      ftruncateSync(log.descriptor, log.bytes);
      return { log, isIntact };
    } catch (cause) {
      throw toFileError(`cannot open the event log '${path}'`, cause);
    }
  }

  append(events: readonly RunEvent[]): void {
    if (events.length === 0) return;
    const lines = Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    try {
      for (let done = 0; done < lines.length; ) done += writeSync(this.descriptor, lines, done);
    } catch (cause) {
      throw toFileError(`cannot write the event log '${this.path}'`, cause);
    }
    this.hash.update(lines);
    this.bytes += lines.length;
  }

  /** Makes what was written durable and says how much it is. */
  sync(): LogMark {
    fsyncSync(this.descriptor);
    return this.mark();
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private mark(): LogMark {
    return { bytes: this.bytes, sha256: this.hash.copy().digest('hex') };
  }

  private readUpTo(bytes: number): boolean {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    while (this.bytes < bytes) {
      const read = readSync(this.descriptor, chunk, 0, Math.min(CHUNK_BYTES, bytes - this.bytes), this.bytes);
      if (read === 0) return false;
      this.hash.update(chunk.subarray(0, read));
      this.bytes += read;
    }
    return true;
  }
}
