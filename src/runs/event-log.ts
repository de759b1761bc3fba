import { createHash, type Hash } from 'node:crypto';
import { closeSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { toFileError } from '../files/index.js';
import { endsInsideLine, readJsonLines } from './journal.js';

const count = z.int().nonnegative();
const eventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('step'),
    step: count,
    lossNats: z.number(),
    accuracy: z.number(),
    gradientNorm: z.number(),
    learningRate: z.number(),
  }),
  /** A step that changed nothing; its numbers as text, because JSON has no NaN. */
  z.object({ type: z.literal('skip'), step: count, lossNats: z.string(), gradientNorm: z.string() }),
  z.object({
    type: z.literal('rewind'),
    step: count,
    toStep: count,
    rateScale: z.number(),
    reason: z.string(),
  }),
  z.object({
    type: z.literal('evaluation'),
    step: count,
    lossNats: z.number(),
    accuracy: z.number(),
    best: z.boolean(),
  }),
  z.object({ type: z.literal('end'), step: count, reason: z.enum(['budget', 'early-stop']) }),
]);

/** What a run does, in order. Without times, so that a repeated run writes the same bytes. */
export type RunEvent = Readonly<z.infer<typeof eventSchema>>;

/** The events of a log, in order; a last line that a killed process left unfinished is left out. */
export async function readEvents(path: string): Promise<RunEvent[]> {
  return (await readJsonLines(path)).flatMap((line) => eventSchema.safeParse(line).data ?? []);
}

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
      // Less is there than the mark says, and may end anywhere.
      if (endsInsideLine(log.descriptor)) log.write(Buffer.from('\n'));
      return { log, isIntact };
    } catch (cause) {
      throw toFileError(`cannot open the event log '${path}'`, cause);
    }
  }

  append(events: readonly RunEvent[]): void {
    if (events.length === 0) return;
    const lines = Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    try {
      this.write(lines);
    } catch (cause) {
      throw toFileError(`cannot write the event log '${this.path}'`, cause);
    }
  }

  /** Makes what was written durable and says how much it is. */
  sync(): LogMark {
    fsyncSync(this.descriptor);
    return this.mark();
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.descriptor, bytes, done);
    this.hash.update(bytes);
    this.bytes += bytes.length;
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
