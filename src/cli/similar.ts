import { type Command, Option } from 'commander';
import type { RecordFormat } from '../ask/index.js';
import { UsageError } from '../core/index.js';
import type { Context } from './context.js';
import { addVectorOptions, type VectorFlags } from './embed.js';
import { topKValue } from './option-values.js';
import { printJson } from './result-view.js';
import { writeLine } from './terminal.js';

const EXAMPLES = `
Examples:
  $ lacuna similar "Peace with all nations" --input texts.txt --model models/mine
  $ lacuna similar "The state of the Union" --word state --input texts.txt --model models/mine --top-k 20`;

interface SimilarFlags extends VectorFlags {
  readonly input?: string;
  readonly format?: RecordFormat;
  readonly word?: string;
  readonly topK: number;
}

/** Adds `lacuna similar`. */
export function addSimilarCommand(program: Command, context: Context): void {
  const command = program
    .command('similar')
    .description('texts nearest to a text, or words in context nearest to a word in context')
    .argument('<query>', 'a text, in quotes')
    .argument('[texts...]', 'texts to search')
    .option('--input <file>', 'a file of texts to search, or - for standard input')
    .addOption(
      new Option('--format <name>', 'of the input, else by its name').choices(['text', 'jsonl', 'csv']),
    )
    .option('--word <word>', 'compare this word of the query with every word of the texts')
    .option('--top-k <n>', 'neighbours to give', topKValue, 10);
  addVectorOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (query: string, texts: string[], { json, ...flags }: SimilarFlags) => {
      if ((texts.length === 0) === (flags.input === undefined)) {
        throw new UsageError('expected texts to search or --input with a file of them, and not both');
      }
      const ask = await context.loadAsk();
      const found = await ask.similar({ ...flags, query, texts });
      const { stdout } = context.terminal;
      if (json) printJson(stdout, found);
      else {
        for (const { similarity, text, unit, start, end } of found) {
          const shown =
            flags.word === undefined
              ? text
              : `${text.slice(0, start)}${stdout.colors.bold(`[${unit}]`)}${text.slice(end)}`;
          writeLine(stdout, `  ${similarity.toFixed(4)}  ${shown}`);
        }
      }
    });
}
