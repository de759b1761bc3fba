import type { Command } from 'commander';
import type { Context } from './context.js';
import { formatPercent, formatTable } from './format.js';
import { printJson } from './result-view.js';
import { writeLine } from './terminal.js';

interface LabelFlags {
  readonly model: string;
  readonly json?: boolean;
}

const CLASSIFY_EXAMPLES = `
Examples:
  $ lacuna classify "My printer is on fire." --model models/triage
  $ lacuna classify "First text." "Second text." --model models/triage --json

--json has the shape of Hugging Face's text-classification answer: {label, score}, a list for each text.`;

const TAG_EXAMPLES = `
Examples:
  $ lacuna tag "The Congress of the United States met in Washington." --model models/names
  $ lacuna tag "First text." "Second text." --model models/names --json

--json gives {word, entity, score, start, end} for each word, a list for each text.`;

/** Adds `lacuna classify`. */
export function addClassifyCommand(program: Command, context: Context): void {
  program
    .command('classify')
    .description('say to which class a text belongs')
    .argument('<texts...>', 'texts, in quotes')
    .requiredOption('--model <dir>', 'a model that lacuna tune classify wrote')
    .option('--json', 'print one JSON value on stdout')
    .addHelpText('after', CLASSIFY_EXAMPLES)
    .action(async (texts: string[], { model, json }: LabelFlags) => {
      const { stdout } = context.terminal;
      const results = await (await context.loadApi()).classify({ model, texts });
      if (json) return printJson(stdout, results);
      for (const [index, classes] of results.entries()) {
        if (texts.length > 1) writeLine(stdout, stdout.colors.bold(texts[index]));
        const rows = classes.map(({ label, score }) => [`  ${label}`, formatPercent(score)]);
        for (const line of formatTable(rows)) writeLine(stdout, line);
      }
    });
}

/** Adds `lacuna tag`. */
export function addTagCommand(program: Command, context: Context): void {
  program
    .command('tag')
    .description('label each word of a text')
    .argument('<texts...>', 'texts, in quotes')
    .requiredOption('--model <dir>', 'a model that lacuna tune tag wrote')
    .option('--json', 'print one JSON value on stdout')
    .addHelpText('after', TAG_EXAMPLES)
    .action(async (texts: string[], { model, json }: LabelFlags) => {
      const { stdout } = context.terminal;
      const results = await (await context.loadApi()).tag({ model, texts });
      if (json) return printJson(stdout, results);
      for (const words of results) {
        const rows = words.map(({ word, entity, score }) => [word, entity, formatPercent(score)]);
        for (const line of formatTable(rows)) writeLine(stdout, line);
      }
    });
}
