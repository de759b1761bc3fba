import type { Command } from 'commander';
import type { Context } from './context.js';
import { addUniqueCorpusOptions, type CorpusFlags, splitCorpusFlags } from './corpus-options.js';
import { maskRateValue, seedValue, shareValue } from './option-values.js';
import { printEvaluation, printJson, printWholeWords } from './result-view.js';
import { createTrainView } from './train-view.js';

const EXAMPLES = `
Examples:
  $ lacuna eval unseen/ --model models/mine
  $ lacuna eval unseen.txt --model models/mine --mask-rate 0.3 --seed 1
  $ lacuna eval unseen.txt --model models/mine --whole-words 1
  $ lacuna eval unseen.txt --model models/mine --json

The baselines stored with the model are measured on the very same masked positions.`;

interface EvalFlags extends CorpusFlags {
  readonly model: string;
  readonly seed?: number;
  readonly maskRate?: number;
  readonly wholeWords?: number;
  readonly json?: boolean;
}

/** Adds `lacuna eval`. */
export function addEvalCommand(program: Command, context: Context): void {
  const command = program
    .command('eval')
    .description('measure a model on text, beside its unigram and n-gram baselines')
    .argument('<paths...>', 'files, directories or globs: text or records, as train reads them')
    .requiredOption('--model <dir>', 'the model directory')
    .option('--seed <n>', 'seed of the masks', seedValue)
    .option('--mask-rate <fraction>', 'share of tokens to mask', maskRateValue)
    .option('--whole-words <fraction>', 'share of words to score as wholes, too', shareValue)
    .option('--json', 'print one JSON value on stdout')
    .addHelpText('after', EXAMPLES);
  addUniqueCorpusOptions(command).action(async (paths: string[], { json, ...flags }: EvalFlags) => {
    const { corpus, rest } = splitCorpusFlags(flags);
    const api = await context.loadApi();
    const view = createTrainView(context.terminal.stderr);
    try {
      const result = await api.evaluate({
        ...{ paths, ...rest, ...(corpus && { corpus }) },
        onEvent: (event) => view.onEvent(event),
      });
      view.close();
      if (json) printJson(context.terminal.stdout, result);
      else {
        printEvaluation(context.terminal.stdout, 'text', result);
        if (result.wholeWords) printWholeWords(context.terminal.stdout, result.wholeWords);
      }
    } finally {
      view.close();
    }
  });
}
