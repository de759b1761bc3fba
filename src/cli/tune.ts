import { type Command, Option } from 'commander';
import type { TuneEvent, TuneOptions, TuneResult, TuneScores, TuneTask } from '../api/index.js';
import type { Context } from './context.js';
import { formatCount, formatDuration, formatPercent, formatTable } from './format.js';
import { listenForInterruption, signalStatus } from './interruption.js';
import { integerBetween, numberBetween, parseBudget, seedValue } from './option-values.js';
import { printJson } from './result-view.js';
import { type Output, writeLine } from './terminal.js';

const EXAMPLES = `
Examples:
  $ lacuna tune classify tickets.csv --from models/mine --out models/triage
  $ lacuna tune tag names.conll --from models/mine --out models/names --epochs 5
  $ lacuna tune classify tickets.jsonl --from models/mine --out models/triage --freeze-body --json

Data to classify: JSON lines of {"text", "label"}, or CSV or TSV with columns text and label; texts with the same
"group" are never torn apart by the split. Data to tag: CoNLL columns (word first, tag last, an empty line between
sentences), or JSON lines of {"words", "tags"}. A tenth of the groups stops the training, another tenth is measured.`;

const TASKS: readonly TuneTask[] = ['classify', 'tag'];

interface TuneFlags extends Omit<TuneOptions, 'task' | 'data' | 'budgetMs' | 'signal' | 'onEvent'> {
  readonly budget?: number;
  readonly json?: boolean;
}

/** Adds `lacuna tune classify` and `lacuna tune tag`. */
export function addTuneCommand(program: Command, context: Context): void {
  const tune = program
    .command('tune')
    .description('fine-tune a model to classify texts or to tag words')
    .addHelpText('after', EXAMPLES);
  for (const task of TASKS) addTask(tune, context, task);
}

function addTask(tune: Command, context: Context, task: TuneTask): void {
  const command = tune
    .command(task)
    .description(task === 'classify' ? 'one label for each text' : 'one label for each word')
    .argument('<data>', 'a file of labelled examples')
    .requiredOption('--from <dir>', 'the model directory to start from')
    .requiredOption('--out <dir>', 'the model directory to write')
    .option('--freeze-body', 'train the head only')
    .option('--epochs <n>', 'most passes over the data', integerBetween(1, 1000))
    .option('--patience <n>', 'epochs without a better score before it stops', integerBetween(1, 1000))
    .addOption(new Option('--budget <time>', 'time for all epochs').argParser(parseBudget))
    .option('--learning-rate <rate>', 'highest learning rate', numberBetween(1e-7, 1))
    .option(
      '--sequence-length <n>',
      'tokens read of a text (default: all, up to twice what the model reads, where its positions are rotary)',
      integerBetween(16, 8192),
    )
    .option(
      '--token-dropout <rate>',
      'share of tokens hidden in training (default: 0.3 to classify, 0 to tag)',
      numberBetween(0, 0.9),
    )
    .option('--seed <n>', 'seed of every random draw', seedValue, 0)
    .option('--overwrite', 'replace the model that --out already holds')
    .option('--json', 'print one JSON value on stdout')
    .addHelpText('after', EXAMPLES);
  if (task === 'classify') {
    command.option(
      '--wide',
      'put a linear model of tokens and pairs beside the network: more is right, but transformers opens it only as ONNX',
    );
  }
  command.action(async (data: string, { json, budget, ...flags }: TuneFlags) => {
    const { stdout, stderr } = context.terminal;
    const api = await context.loadApi();
    const interruption = listenForInterruption(() =>
      writeLine(stderr, 'interrupted: finishing the step and saving the best epoch; once more stops at once'),
    );
    try {
      const result = await api.tune({
        task,
        data,
        ...flags,
        ...(budget === undefined ? {} : { budgetMs: budget }),
        signal: interruption.signal,
        onEvent: (event) => printEvent(stderr, event),
      });
      if (json) printJson(stdout, result);
      else printTuning(stdout, result);
    } finally {
      interruption.dispose();
      if (interruption.received() === 'SIGTERM') context.exitStatus = signalStatus('SIGTERM');
    }
  });
}

function printEvent(output: Output, event: TuneEvent): void {
  if (event.type === 'stage') writeLine(output, output.colors.dim(event.detail));
  else if (event.type === 'notice') writeLine(output, `notice     ${event.detail}`);
  else {
    writeLine(
      output,
      `epoch ${event.epoch}  loss ${event.lossNats.toFixed(4)}  accuracy ${formatPercent(event.accuracy)}  validation ${formatPercent(event.validationScore)}  ${formatDuration(event.elapsedMs)}`,
    );
  }
}

/** Prints the figures of the test part beside those of the baselines. */
function printTuning(output: Output, result: TuneResult): void {
  const row = (name: string, { accuracy, macroF1, entityF1 }: TuneScores) => [
    name,
    formatPercent(accuracy),
    formatPercent(macroF1),
    entityF1 === undefined ? '' : formatPercent(entityF1),
  ];
  const rows = [
    ['test part', 'accuracy', 'macro F1', result.test.entityF1 === undefined ? '' : 'entity F1'],
    row('Lacuna', result.test),
    ...(result.networkAlone ? [row('its network alone', result.networkAlone)] : []),
    ...Object.entries(result.baselines).map(([name, scores]) => row(name, scores)),
  ];
  for (const line of formatTable(rows)) writeLine(output, line);
  const { train, validation, test } = result.examples;
  writeLine(
    output,
    `${formatCount(train)} examples to learn from, ${formatCount(validation)} to stop by, ${formatCount(test)} to measure; ${formatCount(result.test.count)} labels measured`,
  );
  writeLine(
    output,
    `epoch ${result.bestEpoch} of ${result.epochs.length} in ${formatDuration(result.trainMs)}, seed ${result.seed}; model saved to ${result.modelDir}`,
  );
}
