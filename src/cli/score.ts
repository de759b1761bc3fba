import { type Command, Option } from 'commander';
import type { AskApi, ScoreMethod } from '../ask/index.js';
import { UsageError } from '../core/index.js';
import { addManyOptions, type ManyFlags, runMany } from './ask-many.js';
import { pairSummaryLine, printPairs, printScores } from './ask-view.js';
import type { Context } from './context.js';
import { integerBetween } from './option-values.js';
import { printJson } from './result-view.js';
import { writeLine } from './terminal.js';

const EXAMPLES = `
Examples:
  $ lacuna score "The state of the Union is strong." --model models/mine
  $ lacuna score "The cats sleep." "The cats sleeps." --pairs --model models/mine
  $ lacuna score --input texts.jsonl --out scores.jsonl --model models/mine
  $ lacuna score --input blimp.jsonl --pairs --out judged.csv --csv --model models/mine
  $ cat texts.txt | lacuna score --input - --model models/mine

Pseudo-log-likelihood: the sum of the log-probabilities of the tokens, each masked in its turn. 'original' masks a token
alone; 'within-word-l2r' also masks the rest of its word. JSONL and CSV have a field 'text', or for pairs
'sentence_good' and 'sentence_bad'.`;

interface ScoreFlags extends ManyFlags {
  readonly model: string;
  readonly method: ScoreMethod;
  readonly over: 'valid' | 'all';
  readonly pairs?: boolean;
  readonly stride?: number;
  readonly threads?: number;
  readonly csv?: boolean;
  readonly json?: boolean;
}

/** Adds `lacuna score`. */
export function addScoreCommand(program: Command, context: Context): void {
  const command = program
    .command('score')
    .description('how likely texts are: pseudo-log-likelihoods, surprisals of words, minimal pairs')
    .argument('[texts...]', 'texts, in quotes; with --pairs two for each pair, the good one first')
    .requiredOption('--model <dir>', 'the model directory')
    .addOption(
      new Option('--method <name>', 'what is masked with a token')
        .choices(['original', 'within-word-l2r'])
        .default('within-word-l2r'),
    )
    .addOption(
      new Option('--over <ids>', 'normalise over valid ids, or over all, special ones too, as minicons does')
        .choices(['valid', 'all'])
        .default('valid'),
    )
    .option('--pairs', 'minimal pairs: which of two is likelier; a tie is not correct')
    .option(
      '--stride <n>',
      'tokens between windows of a long text (default: half a window)',
      integerBetween(1, 1e6),
    )
    .option('--threads <n>', 'threads of ONNX Runtime (default: one for each core)', integerBetween(1, 256));
  addManyOptions(command)
    .option('--csv', 'with --input: write CSV instead of JSONL')
    .option('--json', 'print one JSON value on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (texts: string[], flags: ScoreFlags) => {
      checkFlags(texts, flags);
      const ask = await context.loadAsk();
      if (flags.input === undefined) await scoreGiven(ask, context, texts, flags);
      else await scoreFile(ask, context, flags);
    });
}

function checkFlags(texts: readonly string[], { input, pairs }: ScoreFlags): void {
  if ((texts.length === 0) === (input === undefined)) {
    throw new UsageError(
      'expected texts or --input with a file of them, and not both; see lacuna score --help',
    );
  }
  if (pairs && texts.length % 2 !== 0) {
    throw new UsageError(`--pairs takes two texts for each pair, got ${texts.length}`);
  }
}

async function scoreGiven(
  ask: AskApi,
  context: Context,
  texts: readonly string[],
  flags: ScoreFlags,
): Promise<void> {
  const { stdout, stderr } = context.terminal;
  const {
    json,
    pairs: isPairs,
    csv: _,
    input: __,
    out: ___,
    format: ____,
    resume,
    overwrite,
    ...options
  } = flags;
  if (isPairs) {
    const pairs = Array.from({ length: texts.length / 2 }, (_item, index) => ({
      good: texts[2 * index] as string,
      bad: texts[2 * index + 1] as string,
    }));
    const judged = await ask.scorePairs({ ...options, pairs });
    if (json) printJson(stdout, judged);
    else printPairs(stdout, judged.pairs);
    writeLine(stderr, pairSummaryLine(judged.summary));
  } else {
    const scores = await ask.score({ ...options, texts });
    if (json) printJson(stdout, scores);
    else printScores(stdout, scores);
  }
}

async function scoreFile(ask: AskApi, context: Context, flags: ScoreFlags): Promise<void> {
  const { json: _, csv, input = '-', out: __, resume: ___, overwrite: ____, ...options } = flags;
  const result = await runMany(context, flags, (many) =>
    ask.scoreMany({ ...options, ...many, input, outputFormat: csv ? 'csv' : 'jsonl' }),
  );
  if (result.summary) writeLine(context.terminal.stderr, pairSummaryLine(result.summary));
}
