import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { UsageError } from '../core/index.js';
import type { Context } from './context.js';
import { integerBetween } from './option-values.js';
import { printJson } from './result-view.js';
import { writeLine } from './terminal.js';
import { addEncode } from './tokenizer-encode.js';
import { ProgressLine } from './tokenizer-progress.js';
import { addTrain } from './tokenizer-train.js';
import { printTokenizerReport } from './tokenizer-view.js';

const EXAMPLES = `
Examples:
  $ lacuna tokenizer train corpus/ --model wordpiece --vocab-size 8000 --out my-tokenizer
  $ lacuna tokenizer train src/ --extension .ts --model byte-bpe --vocab-size 16000 \\
      --pre-tokenizer identifiers byte-level-only --out code.json
  $ lacuna tokenizer encode "The state of the union" --tokenizer my-tokenizer
  $ lacuna tokenizer decode 2 118 95 3 --tokenizer my-tokenizer
  $ lacuna tokenizer inspect my-tokenizer corpus/ --picture my-tokenizer.svg`;

/** Adds `lacuna tokenizer` with its own commands. */
export function addTokenizerCommand(program: Command, context: Context): void {
  const tokenizer = program
    .command('tokenizer')
    .description('train a tokenizer, encode and decode with one, measure one')
    .addHelpText('after', EXAMPLES);
  for (const add of [addTrain, addEncode, addDecode, addInspect]) {
    add(tokenizer, context).addHelpText('after', EXAMPLES);
  }
}

const idValue = integerBetween(0, 2 ** 31 - 1);

interface DecodeFlags {
  readonly tokenizer: string;
  readonly keepSpecialTokens?: boolean;
  readonly json?: boolean;
}

function addDecode(tokenizer: Command, context: Context): Command {
  return tokenizer
    .command('decode')
    .description('ids to text')
    .argument(
      '[ids...]',
      'ids of one text; without any, the lines of standard input, one text a line',
      (text: string, previous: readonly number[] | undefined) => [...(previous ?? []), idValue(text)],
    )
    .requiredOption('--tokenizer <path>', 'a tokenizer.json, or a directory with one')
    .option('--keep-special-tokens', 'write special tokens into the text')
    .option('--json', 'print each text as a JSON string')
    .action(async (ids: number[] | undefined, flags: DecodeFlags) => {
      const api = await context.loadApi();
      const opened = await api.openTokenizer(flags.tokenizer);
      const { stdout } = context.terminal;
      for await (const list of ids !== undefined && ids.length > 0 ? [ids] : idsOfStandardInput()) {
        const unknown = list.find((id) => id >= opened.vocabSize);
        if (unknown !== undefined) {
          throw new UsageError(`id ${unknown}: expected ids below the vocabulary size ${opened.vocabSize}`);
        }
        const text = opened.decode(list, { skipSpecialTokens: flags.keepSpecialTokens !== true });
        if (flags.json) printJson(stdout, text);
        else writeLine(stdout, text);
      }
    });
}

async function* idsOfStandardInput(): AsyncGenerator<number[]> {
  let lines = 0;
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    lines++;
    const words = line.split(/[\s,]+/).filter((word) => word !== '');
    const wrong = words.find((word) => !/^\d{1,10}$/.test(word));
    if (wrong !== undefined) {
      throw new UsageError(`line ${lines} of standard input: expected ids, got ${JSON.stringify(wrong)}`);
    }
    yield words.map(Number);
  }
}

interface InspectFlags {
  readonly extension?: string[];
  readonly picture?: string;
  readonly json?: boolean;
}

function addInspect(tokenizer: Command, context: Context): Command {
  return tokenizer
    .command('inspect')
    .description('measure a tokenizer on text: fertility, coverage, unknown tokens, bytes per token')
    .argument('<tokenizer>', 'a tokenizer.json, or a directory with one')
    .argument('<paths...>', 'files, directories or globs of UTF-8 text')
    .option('--extension <end...>', 'files of a directory to read, by the end of their names')
    .option('--picture <file>', 'draw the figures into an SVG file, too')
    .option('--json', 'print one JSON value on stdout')
    .action(async (path: string, paths: string[], { extension, picture, json }: InspectFlags) => {
      const api = await context.loadApi();
      const { stdout, stderr } = context.terminal;
      const line = new ProgressLine(stderr);
      const report = await api
        .inspectTokenizer(path, paths, {
          ...(extension && { extensions: extension }),
          ...(picture !== undefined && { picture }),
          onProgress: (progress) => line.update('read', progress),
        })
        .finally(() => line.close());
      if (json) printJson(stdout, report);
      else printTokenizerReport(stdout, report);
      if (picture !== undefined && !json) writeLine(stdout, `\npicture written to ${picture}`);
    });
}
