import type { Command } from 'commander';
import type { Context } from './context.js';
import { topKValue } from './option-values.js';
import { printFill, printJson } from './result-view.js';

const EXAMPLES = `
Examples:
  $ lacuna fill "The [MASK] of the Union" --model models/mine
  $ lacuna fill "We seek [MASK] and [MASK]." --model models/mine --top-k 10
  $ lacuna fill "The [MASK] of the Union" --model models/mine --json

--json has the shape of Hugging Face's fill-mask answer: {score, token, token_str, sequence}; a list for one
[MASK], a list of lists for several.`;

interface FillFlags {
  readonly model: string;
  readonly topK: number;
  readonly json?: boolean;
}

/** Adds `lacuna fill`. */
export function addFillCommand(program: Command, context: Context): void {
  program
    .command('fill')
    .description('fill every [MASK] in a text with its likeliest tokens')
    .argument('<text>', 'a text with at least one [MASK], in quotes')
    .requiredOption('--model <dir>', 'the model directory')
    .option('--top-k <n>', 'candidates for each mask', topKValue, 5)
    .option('--json', 'print one JSON value on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (text: string, { json, ...flags }: FillFlags) => {
      const api = await context.loadApi();
      const result = await api.fill({ text, ...flags });
      if (json) printJson(context.terminal.stdout, result);
      else printFill(context.terminal.stdout, result);
    });
}
