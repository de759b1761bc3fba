import { type Command, Option } from 'commander';
import type { TrainOptions, TrainResult } from '../api/index.js';
import type { Context } from './context.js';
import { listenForInterruption, signalStatus } from './interruption.js';
import { integerBetween, parseBudget, seedValue } from './option-values.js';
import { printJson, printTraining } from './result-view.js';
import { writeLine } from './terminal.js';
import { collectMaskingOptions, rateValue } from './train-options.js';
import { createTrainView } from './train-view.js';

export const DEFAULT_BUDGET = '2m';

const EXAMPLES = `
Examples:
  $ lacuna train corpus/ --out models/mine
  $ lacuna train "tickets/**/*.txt" notes.txt --out models/tickets --budget 10m --vocab-size 8192
  $ lacuna train corpus/ --out models/mine --masking span --masking-options p=0.3 --mask-rate 0.30:0.15 --steps 2000
  $ lacuna train corpus/ --out models/mine --steps 500 --seed 1 --overwrite --json > result.json

Ctrl-C finishes the step, saves a usable model and says where; a second Ctrl-C stops at once.`;

interface TrainFlags {
  readonly out: string;
  readonly budget: number;
  readonly steps?: number;
  readonly seed: number;
  readonly vocabSize: number;
  readonly maskRate: number | string;
  readonly masking?: string;
  readonly maskingOptions?: Readonly<Record<string, string>>;
  readonly sequenceLength: number;
  readonly layers?: number;
  readonly hidden?: number;
  readonly heads?: number;
  readonly feedForward?: number;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

/** The option `--budget`, shared with the demo. */
export function budgetOption(): Option {
  return new Option('--budget <time>', 'training time, such as 90s, 2m or 1.5h')
    .argParser(parseBudget)
    .default(parseBudget(DEFAULT_BUDGET), DEFAULT_BUDGET);
}

/** Adds `lacuna train`. */
export function addTrainCommand(program: Command, context: Context): void {
  program
    .command('train')
    .description('train a tokenizer and a masked language model from nothing on text')
    .argument('<paths...>', 'files, directories or globs of UTF-8 text')
    .requiredOption('--out <dir>', 'the model directory to write')
    .addOption(budgetOption())
    .addOption(
      new Option('--steps <n>', 'a number of optimizer steps, instead of --budget')
        .argParser(integerBetween(1, 1e9))
        .conflicts('budget'),
    )
    .option('--seed <n>', 'seed of every random draw', seedValue, 0)
    .option('--vocab-size <n>', 'entries of the vocabulary', integerBetween(100, 262_144), 4096)
    .option(
      '--mask-rate <rate>',
      'share of tokens to mask: 0.15; 0.30:0.15 over the run; 0.1..0.5, each sequence its own',
      rateValue,
      0.15,
    )
    .option(
      '--masking <name>',
      'which tokens: uniform, whole-word, span, pmi, surprisal, ... (docs/masking.md)',
    )
    .option('--masking-options <key=value>', 'an option of masking; repeatable', collectMaskingOptions)
    .option('--sequence-length <n>', 'tokens in a sequence', integerBetween(8, 8192), 128)
    .option('--layers <n>', 'layers of the encoder', integerBetween(1, 64))
    .option('--hidden <n>', 'width of the hidden states', integerBetween(8, 8192))
    .option('--heads <n>', 'attention heads; hidden must be a multiple of twice this', integerBetween(1, 256))
    .option('--feed-forward <n>', 'width of the feed-forward layer', integerBetween(8, 32_768))
    .option('--overwrite', 'replace the model that --out already holds')
    .option('--json', 'print one JSON value on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], flags: TrainFlags) => {
      const { budget, json, ...rest } = flags;
      const result = await trainWithView(context, {
        paths,
        ...rest,
        ...(flags.steps === undefined ? { budgetMs: budget } : {}),
      });
      const { stdout, stderr } = context.terminal;
      if (json) printJson(stdout, result);
      else printTraining(stdout, result);
      writeLine(json ? stderr : stdout, savedLine(result));
    });
}

/** "saved to DIR", and why it is early where it is. */
export function savedLine(result: TrainResult): string {
  const interrupted = result.interrupted ? `interrupted after ${result.steps} steps; ` : '';
  return `${interrupted}model saved to ${result.modelDir}`;
}

/** Trains with progress on stderr; the first signal saves and stops, and SIGTERM then ends with its status. */
export async function trainWithView(context: Context, options: TrainOptions): Promise<TrainResult> {
  const output = context.terminal.stderr;
  const api = await context.loadApi();
  const view = createTrainView(output);
  const interruption = listenForInterruption(() => {
    view.close();
    writeLine(output, 'interrupted: finishing the step and saving; once more stops at once');
  });
  try {
    return await api.train({
      ...options,
      signal: interruption.signal,
      onEvent: (event) => view.onEvent(event),
    });
  } finally {
    view.close();
    interruption.dispose();
    if (interruption.received() === 'SIGTERM') context.exitStatus = signalStatus('SIGTERM');
  }
}
