import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ManyOptions, ManyProgress, ManyResult, RecordFormat } from '../ask/index.js';
import type { Context } from './context.js';
import { formatCount, formatDuration } from './format.js';
import { listenForInterruption, signalStatus } from './interruption.js';
import { type Output, writeLine } from './terminal.js';

/** Options of every command that answers for the records of a file. */
export interface ManyFlags {
  readonly input?: string;
  readonly format?: RecordFormat;
  readonly out?: string;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
}

/** Adds the options of `ManyFlags`. */
export function addManyOptions(command: Command): Command {
  return command
    .option('--input <file>', 'a file of records, or - for standard input')
    .addOption(
      new Option('--format <name>', 'of the input, else by its name').choices(['text', 'jsonl', 'csv']),
    )
    .option('--out <file>', 'write the answers there instead of to stdout')
    .option('--resume', 'go on where an interrupted run to the same --out stopped')
    .option('--overwrite', 'replace what is at --out');
}

/** A parser of names separated by commas. */
export function listValue(text: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.some((item) => item === ''))
    throw new InvalidArgumentError('Expected words separated by commas.');
  return items;
}

const PLAIN_INTERVAL_MS = 5000;

/** Runs over the records of a file with progress on stderr; the first Ctrl-C finishes the batch under way. */
export async function runMany<Result extends ManyResult>(
  context: Context,
  { out, resume, overwrite }: ManyFlags,
  run: (options: ManyOptions) => Promise<Result>,
): Promise<Result> {
  const { stdout, stderr } = context.terminal;
  const output =
    out === undefined ? (bytes: Uint8Array) => writeBytes(stdout, bytes) : { path: out, resume, overwrite };
  const interruption = listenForInterruption(() => writeLine(stderr, 'finishing the batch under way'));
  const progress = progressLine(stderr);
  try {
    const result = await run({
      output: typeof output === 'function' ? output : withoutUndefined(output),
      signal: interruption.signal,
      onProgress: progress.show,
    });
    progress.close();
    if (result.interrupted) {
      const advice = out === undefined ? '' : '; go on with --resume';
      writeLine(stderr, `interrupted after ${result.done} of ${result.total} records${advice}`);
      context.exitStatus = signalStatus(interruption.received() ?? 'SIGINT');
    } else if (out !== undefined) {
      writeLine(stderr, `${formatCount(result.total)} records written to ${out}`);
    }
    return result;
  } finally {
    progress.close();
    interruption.dispose();
  }
}

function withoutUndefined({
  path,
  resume,
  overwrite,
}: {
  path: string;
  resume?: boolean | undefined;
  overwrite?: boolean | undefined;
}) {
  return { path, ...(resume && { resume }), ...(overwrite && { overwrite }) };
}

function writeBytes(output: Output, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (output.stream.write(bytes)) resolve();
    else output.stream.once('drain', resolve);
  });
}

/** One line of progress: redrawn on a terminal, every five seconds elsewhere. */
function progressLine(output: Output): { show(progress: ManyProgress): void; close(): void } {
  const begun = performance.now();
  let [firstDone, nextMs, isDrawn] = [-1, PLAIN_INTERVAL_MS, false];
  return {
    show({ done, total }) {
      if (firstDone < 0) firstDone = done;
      const elapsedMs = performance.now() - begun;
      if (!output.isLive && elapsedMs < nextMs) return;
      nextMs = elapsedMs + PLAIN_INTERVAL_MS;
      const leftMs = (elapsedMs / Math.max(1, done - firstDone)) * (total - done);
      const left = done > firstDone ? `  ${formatDuration(leftMs)} left` : '';
      const line = `${formatCount(done)} of ${formatCount(total)} records${left}`;
      if (output.isLive) output.stream.write(`\r\u001b[K${line}`);
      else writeLine(output, line);
      isDrawn = output.isLive;
    },
    close() {
      if (isDrawn) output.stream.write('\r\u001b[K');
      isDrawn = false;
    },
  };
}
