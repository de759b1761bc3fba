import type { Command } from 'commander';
import type { ImportModelResult } from '../api/index.js';
import type { Context } from './context.js';
import { printJson } from './result-view.js';
import { type Output, writeLine } from './terminal.js';

const EXAMPLES = `
Examples:
  $ lacuna import checkpoints/bert-base-uncased --out models/bert
  $ lacuna fill "The [MASK] of the Union" --model models/bert

It reads safetensors (also in shards) and PyTorch checkpoints, of which nothing is run, with tokenizer.json or the
vocab.txt of a BERT or an ESM. Other commands open such directories, too; importing converts them once.`;

interface ImportFlags {
  readonly out: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

/** Adds `lacuna import`. */
export function addImportCommand(program: Command, context: Context): void {
  program
    .command('import')
    .description("convert a checkpoint in Hugging Face's layout to a model directory")
    .argument('<dir>', 'the directory of the checkpoint')
    .requiredOption('--out <dir>', 'the model directory to write')
    .option('--overwrite', 'replace the model that --out already holds')
    .option('--json', 'print one JSON value on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (directory: string, { json, ...flags }: ImportFlags) => {
      const api = await context.loadApi();
      const result = await api.importModel({ directory, ...flags });
      if (json) printJson(context.terminal.stdout, result);
      else printImport(context.terminal.stdout, result);
    });
}

function printImport(output: Output, result: ImportModelResult): void {
  const { modelDir, modelType, task, parameters, missing, unexpected } = result;
  for (const name of missing) writeLine(output, `missing, drawn at random: ${name}`);
  for (const name of unexpected) writeLine(output, `unexpected, left out: ${name}`);
  writeLine(output, `${modelType} for ${task}, ${parameters.toLocaleString('en-US')} parameters`);
  writeLine(output, `model saved to ${modelDir}`);
}
