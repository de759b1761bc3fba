import { extname } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { EmbedUnit } from '../ask/index.js';
import { UsageError } from '../core/index.js';
import { addManyOptions, type ManyFlags, runMany } from './ask-many.js';
import type { Context } from './context.js';
import { integerBetween } from './option-values.js';
import { printJson } from './result-view.js';

const EXAMPLES = `
Examples:
  $ lacuna embed "The state of the Union" --model models/mine
  $ lacuna embed "The state of the Union" --model models/mine --per word --layer 2 --json
  $ lacuna embed --input texts.txt --out vectors.npy --model models/mine --normalise
  $ lacuna embed --input texts.jsonl --out vectors.parquet --per token --model models/mine

The end of --out names the format: .npy, .parquet, else JSONL.`;

/** How vectors are made; shared with `lacuna similar`. */
export interface VectorFlags {
  readonly model: string;
  readonly pooling: 'mean' | 'mean-all' | 'cls' | 'max';
  readonly layer: number;
  readonly stride?: number;
  readonly threads?: number;
  readonly json?: boolean;
}

interface EmbedFlags extends VectorFlags, ManyFlags {
  readonly per: EmbedUnit;
  readonly normalise?: boolean;
}

/** A parser of whole numbers, negative ones too. */
function layerValue(text: string): number {
  if (!/^-?\d{1,4}$/.test(text)) throw new InvalidArgumentError('Expected a layer, such as 0, 2 or -1.');
  return Number(text);
}

/** Adds the options of `VectorFlags`. */
export function addVectorOptions(command: Command): Command {
  return command
    .requiredOption('--model <dir>', 'the model directory')
    .addOption(
      new Option('--pooling <name>', 'how token vectors become one')
        .choices(['mean', 'mean-all', 'cls', 'max'])
        .default('mean'),
    )
    .option('--layer <n>', '0 for token embeddings, up to the last, or -1, -2, ... from it', layerValue, -1)
    .option(
      '--stride <n>',
      'tokens between windows of a long text (default: half a window)',
      integerBetween(1, 1e6),
    )
    .option('--threads <n>', 'threads of ONNX Runtime (default: one for each core)', integerBetween(1, 256))
    .option('--json', 'print one JSON value on stdout');
}

/** Adds `lacuna embed`. */
export function addEmbedCommand(program: Command, context: Context): void {
  const command = program
    .command('embed')
    .description('vectors of texts, words, spans or tokens, from any layer')
    .argument('[texts...]', 'texts, in quotes')
    .addOption(
      new Option('--per <unit>', 'what has a vector; span: what JSONL records name in "spans"')
        .choices(['text', 'token', 'word', 'span'])
        .default('text'),
    )
    .option('--normalise', 'scale vectors to length 1');
  addManyOptions(addVectorOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (texts: string[], flags: EmbedFlags) => {
      const { json, input, out, format, resume, overwrite, ...settings } = flags;
      if ((texts.length === 0) === (input === undefined)) {
        throw new UsageError(
          'expected texts or --input with a file of them, and not both; see lacuna embed --help',
        );
      }
      const ask = await context.loadAsk();
      if (input === undefined) {
        const rows = await ask.embed({ ...settings, texts });
        if (json) printJson(context.terminal.stdout, rows);
        else for (const row of rows) context.terminal.stdout.stream.write(`${JSON.stringify(row)}\n`);
        return;
      }
      const outputFormat = formatByName(out);
      await runMany(context, flags, (many) =>
        ask.embedMany({ ...settings, ...many, input, outputFormat, ...(format && { format }) }),
      );
    });
}

function formatByName(out: string | undefined): 'jsonl' | 'npy' | 'parquet' {
  const extension = extname(out ?? '').toLowerCase();
  if (extension === '.npy') return 'npy';
  return extension === '.parquet' ? 'parquet' : 'jsonl';
}
