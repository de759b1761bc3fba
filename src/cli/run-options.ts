import { type Command, InvalidArgumentError } from 'commander';
import type { Interval, TrainOptions } from '../api/index.js';
import { UsageError } from '../core/index.js';
import { integerBetween, parseBudget } from './option-values.js';

/** What a command line says about the run directory. */
export interface RunFlags {
  readonly out?: string;
  /** The run directory to resume, or true for that of `out`. */
  readonly resume?: string | true;
  readonly checkpointEvery?: Interval;
  readonly keepCheckpoints?: number;
  readonly evalEvery?: number;
  readonly patience?: number;
}

/** A number of steps such as 500, or a time such as 30s, 5m or 1h. */
export function parseInterval(text: string): Interval {
  if (/^\d+$/.test(text)) return { steps: integerBetween(1, 1e9)(text) };
  try {
    return { ms: parseBudget(text) };
  } catch {
    throw new InvalidArgumentError('Expected a number of steps, or a time such as 30s, 5m or 1h.');
  }
}

/** Adds the options about checkpoints, resuming and stopping early. */
export function addRunOptions(command: Command): Command {
  return command
    .option(
      '--resume [run]',
      'go on with a run from its newest checkpoint: that of --out, or a directory DIR.run',
    )
    .option(
      '--checkpoint-every <interval>',
      'steps (500) or time (30s) between checkpoints; 5m unless told',
      parseInterval,
    )
    .option(
      '--keep-checkpoints <n>',
      'newest checkpoints to keep beside the best; 2 unless told',
      integerBetween(1, 10_000),
    )
    .option(
      '--eval-every <steps>',
      'measure the held-out loss on the way; the best model is saved',
      integerBetween(1, 1e9),
    )
    .option(
      '--patience <n>',
      'stop after so many measurements without a better one',
      integerBetween(1, 10_000),
    );
}

const RUN_SUFFIX = '.run';

/** Where the model goes, and whether a run is resumed. Throws a UsageError as commander words it. */
export function runTarget({ out, resume }: RunFlags): Pick<TrainOptions, 'out' | 'resume'> {
  if (typeof resume === 'string') {
    const directory = resume.replace(/[/\\]+$/, '');
    if (out !== undefined) {
      throw new UsageError(
        `give --resume ${resume} or --out ${out} --resume, not both; a corpus goes before --resume`,
      );
    }
    if (!directory.endsWith(RUN_SUFFIX)) {
      throw new UsageError(
        `--resume '${resume}': expected a run directory, whose name ends in ${RUN_SUFFIX}`,
      );
    }
    return { out: directory.slice(0, -RUN_SUFFIX.length), resume: true };
  }
  if (out === undefined)
    throw new UsageError("required option '--out <dir>' not specified; see lacuna --help");
  return resume ? { out, resume: true } : { out };
}
