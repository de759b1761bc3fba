import { type Command, Option } from 'commander';
import type { OptimizerName, PresetName, TrainOptions, TrainResult } from '../api/index.js';
import type { Context } from './context.js';
import { addUniqueCorpusOptions } from './corpus-options.js';
import { runInterruptibly } from './interruptible.js';
import { collectMaskingOptions, rateValue } from './masking-options.js';
import { integerBetween, numberBetween, parseBudget, parseRamp, seedValue } from './option-values.js';
import { printJson, printTraining } from './result-view.js';
import { addRunOptions } from './run-options.js';
import { writeLine } from './terminal.js';
import { type TrainFlags, trainOptions } from './train-options.js';

export const DEFAULT_BUDGET = '2m';

const EXAMPLES = `
Examples:
  $ lacuna train corpus/ --out models/mine
  $ lacuna train "tickets/**/*.txt" notes.txt --out models/tickets --budget 10m --vocab-size 8192
  $ lacuna train corpus/ --out models/mine --masking span --masking-options p=0.3 --mask-rate 0.30:0.15 --steps 2000
  $ lacuna train corpus/ --out models/mine --steps 500 --seed 1 --overwrite --json > result.json
  $ lacuna train corpus/ --out models/mine --dedup --min-words 20
  $ lacuna train reviews.parquet --text-column body --where "lang = 'en'" --out models/reviews
  $ zcat notes.jsonl.gz | lacuna train - --format jsonl --out models/notes
  $ lacuna train --resume models/mine.run

With --budget, Lacuna measures the machine for some seconds and plans vocabulary, sizes, batch, learning rate and mask rate for
the time and the corpus, and says why; what you give it keeps. With --steps or --preset nothing is planned (preset tiny unless
given).

Ctrl-C finishes the step, writes a checkpoint, saves a usable model and says how to go on; a second Ctrl-C stops at
once. Checkpoints and logs are in the run directory beside the model, DIR.run.`;

// Spelled out, because the library behind the command is loaded only when it runs.
const PRESETS: readonly PresetName[] = ['tiny', 'mini', 'small', 'base'];
const OPTIMIZERS: readonly OptimizerName[] = ['adamw', 'muon'];

/** The option `--budget`, shared with the demo. */
export function budgetOption(): Option {
  return new Option('--budget <time>', 'training time, such as 90s, 2m or 1.5h')
    .argParser(parseBudget)
    .default(parseBudget(DEFAULT_BUDGET), DEFAULT_BUDGET);
}

/** Adds `lacuna train`. */
export function addTrainCommand(program: Command, context: Context): void {
  const command = program
    .command('train')
    .description('train a tokenizer and a masked language model from nothing on text')
    .argument(
      '[paths...]',
      'files, directories or globs: text, JSONL, CSV, Parquet, FASTA, also .gz and .zst; - for stdin',
    )
    .option('--out <dir>', 'the model directory to write')
    .addOption(budgetOption())
    .addOption(
      new Option('--steps <n>', 'a number of optimizer steps, instead of --budget')
        .argParser(integerBetween(1, 1e9))
        .conflicts('budget'),
    )
    .option('--family <name>', 'model family: bert, roberta, electra, esm, ... (default: modernbert)')
    .option('--seed <n>', 'seed of every random draw', seedValue, 0)
    .addOption(new Option('--preset <name>', 'named sizes instead of a plan').choices(PRESETS))
    .option('--vocab-size <n>', 'entries of the vocabulary', integerBetween(100, 262_144))
    .option('--from <dir>', 'go on from this model: its sizes, its tokenizer, its weights')
    .option(
      '--extend-vocab <n>',
      'with --from: most new tokens for frequent words of the text',
      integerBetween(1, 65_536),
    )
    .option(
      '--mask-rate <rate>',
      'share of tokens to mask: 0.15; 0.30:0.15 over the run; 0.1..0.5, each sequence its own',
      rateValue,
    )
    .option(
      '--masking <name>',
      'which tokens: uniform, whole-word, span, pmi, surprisal, ... (docs/masking.md)',
    )
    .option('--masking-options <key=value>', 'an option of masking; repeatable', collectMaskingOptions)
    .option('--sequence-length <n>', 'tokens in a sequence', integerBetween(8, 8192))
    .option('--layers <n>', 'layers of the encoder', integerBetween(1, 64))
    .option('--hidden <n>', 'width of the hidden states', integerBetween(8, 8192))
    .option('--heads <n>', 'attention heads; hidden must be a multiple of twice this', integerBetween(1, 256))
    .option('--feed-forward <n>', 'width of the feed-forward layer', integerBetween(8, 32_768))
    .option('--config <file>', 'options from a file; lacuna.config.json or .ts is found by itself')
    .option('--batch-size <n>', 'sequences in an optimizer step', integerBetween(1, 65_536))
    .option('--micro-batch-size <n>', 'of these, sequences computed at once', integerBetween(1, 65_536))
    .option('--batch-ramp <from:steps>', 'fewer sequences at first, doubling: 4:500', parseRamp)
    .option('--length-ramp <from:steps>', 'shorter sequences at first, doubling: 32:500', parseRamp)
    .option('--recompute', 'compute layers anew for the backward pass: less memory, more time')
    .option('--learning-rate <rate>', 'peak learning rate', numberBetween(1e-8, 1))
    .addOption(new Option('--optimizer <name>', 'for the hidden matrices').choices(OPTIMIZERS))
    .option('--threads <n>', 'threads inside one operator', integerBetween(1, 1024))
    .option(
      '--cache-dir <dir>',
      "where corpora of more than 64 MiB are kept prepared (default: the user's cache)",
    )
    .option('--overwrite', 'replace the model that --out already holds')
    .option('--json', 'print one JSON value on stdout')
    .addHelpText('after', EXAMPLES);
  addUniqueCorpusOptions(addRunOptions(command)).action(async (paths: string[], flags: TrainFlags) => {
    const result = await trainWithView(context, await trainOptions(paths, flags, command, context));
    const { stdout, stderr } = context.terminal;
    if (flags.json) printJson(stdout, result);
    else printTraining(stdout, result);
    writeLine(flags.json ? stderr : stdout, savedLine(result));
  });
}

/** "saved to DIR", and why it is early where it is. */
export function savedLine(result: TrainResult): string {
  const interrupted = result.interrupted ? `interrupted after ${result.steps} steps; ` : '';
  return `${interrupted}model saved to ${result.modelDir}`;
}

/** Trains with progress on stderr; the first signal saves and stops. */
export async function trainWithView(context: Context, options: TrainOptions): Promise<TrainResult> {
  const api = await context.loadApi();
  return runInterruptibly(context, 'finishing the step and saving', (watched) =>
    api.train({ ...options, ...watched }),
  );
}
