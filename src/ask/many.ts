import type { TextRecord } from './records.js';
import { type OutputTarget, ResumableOutput } from './resumable-output.js';

/** How far a run over many records is. */
export interface ManyProgress {
  readonly done: number;
  readonly total: number;
}

/** Where the answers of a run over many records go, and who hears of it. */
export interface ManyOptions {
  /** A file, or a function that is given the bytes of each batch of records. */
  readonly output: OutputTarget | ((bytes: Uint8Array) => void | Promise<void>);
  /** Abort = finish the batch under way and return with `interrupted: true`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ManyProgress) => void;
}

export interface ManyResult {
  readonly interrupted: boolean;
  /** Records answered, those of the run that this one went on from included. */
  readonly done: number;
  readonly total: number;
}

/** Records between two writes to the output. */
const BATCH = 128;

/**
 * Answers records in batches and writes each batch when it is done. `answer` gives the lines or the bytes of a batch; `asked` is
 * everything that the answers depend on, for going on later; `header` begins the output.
 */
export async function answerMany<R extends Pick<TextRecord, 'where'>>(
  records: readonly R[],
  asked: unknown,
  answer: (batch: readonly R[], first: number) => Promise<readonly string[] | Uint8Array>,
  { output, signal, onProgress }: ManyOptions,
  header: string | Uint8Array = '',
): Promise<ManyResult> {
  const file = typeof output === 'function' ? undefined : await ResumableOutput.open(output, asked);
  const write = async (content: string | Uint8Array, count: number) => {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    if (file) await file.append(bytes, count);
    else if (typeof output === 'function') await output(bytes);
  };
  const total = records.length;
  let done = file?.done ?? 0;
  try {
    if (done === 0 && header.length > 0) await write(header, 0);
    onProgress?.({ done, total });
    while (done < total && !signal?.aborted) {
      const batch = records.slice(done, done + BATCH);
      const lines = await answer(batch, done);
      await write(lines instanceof Uint8Array ? lines : lines.join(''), batch.length);
      done += batch.length;
      onProgress?.({ done, total });
    }
  } catch (error) {
    await file?.close();
    throw error;
  }
  const interrupted = done < total;
  if (interrupted) await file?.close();
  else await file?.finish();
  return { interrupted, done, total };
}
