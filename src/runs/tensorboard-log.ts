import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { toFileError } from '../files/index.js';
import { encodeTensorBoardEvent, type TensorBoardEvent } from '../formats/index.js';
import type { RunEvent } from './event-log.js';

/** What is not the same when a run is repeated. */
export interface RunSpeed {
  readonly step: number;
  readonly tokensPerSecond: number;
  readonly shareOfPeak?: number;
  readonly memoryBytes: number;
}

/**
 * A run's events for TensorBoard, in a file of this process. A process that resumes says at which step it begins, so
 * that TensorBoard drops what a killed one had written beyond.
 */
export class TensorBoardLog {
  private readonly descriptor: number;

  constructor(
    private readonly directory: string,
    step: number,
  ) {
    const seconds = Math.floor(Date.now() / 1000);
    const name = `events.out.tfevents.${seconds}.${hostname()}.${process.pid}`;
    try {
      mkdirSync(directory, { recursive: true });
      this.descriptor = openSync(join(directory, name), 'a');
    } catch (cause) {
      throw toFileError(`cannot write '${directory}'`, cause);
    }
    const wallTime = Date.now() / 1000;
    this.write([
      { kind: 'version', wallTime, step: 0 },
      { kind: 'start', wallTime, step },
    ]);
  }

  append(events: readonly RunEvent[]): void {
    const wallTime = Date.now() / 1000;
    this.write(events.flatMap((event) => tensorBoardEventOf(event, wallTime) ?? []));
  }

  /** How fast a run is, and how large its process: what its event log leaves out. Throws a FileError. */
  appendSpeed({ step, tokensPerSecond, shareOfPeak, memoryBytes }: RunSpeed): void {
    const scalars = {
      'speed/tokens_per_second': tokensPerSecond,
      ...(shareOfPeak === undefined ? {} : { 'speed/share_of_peak': shareOfPeak }),
      'speed/memory_megabytes': memoryBytes / 1e6,
    };
    this.write([{ kind: 'scalars', wallTime: Date.now() / 1000, step, scalars }]);
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private write(events: readonly TensorBoardEvent[]): void {
    const bytes = Buffer.concat(events.map(encodeTensorBoardEvent));
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.descriptor, bytes, done);
    } catch (cause) {
      throw toFileError(`cannot write '${this.directory}'`, cause);
    }
  }
}

function tensorBoardEventOf(event: RunEvent, wallTime: number): TensorBoardEvent | undefined {
  const { step } = event;
  if (event.type === 'step') {
    const { lossNats, accuracy, gradientNorm, learningRate } = event;
    const scalars = {
      'train/loss': lossNats,
      'train/masked_accuracy': accuracy,
      'train/gradient_norm': gradientNorm,
      'train/learning_rate': learningRate,
    };
    return { kind: 'scalars', wallTime, step, scalars };
  }
  if (event.type === 'evaluation') {
    const scalars = { 'held_out/loss': event.lossNats, 'held_out/accuracy': event.accuracy };
    return { kind: 'scalars', wallTime, step, scalars };
  }
  return event.type === 'rewind' ? { kind: 'start', wallTime, step: event.toStep } : undefined;
}
