import { createInterface } from 'node:readline';
import { type Command, Option } from 'commander';
import type { TokenizerModel, TrainTokenizerOptions } from '../api/index.js';
import { UsageError } from '../core/index.js';
import type { Context } from './context.js';
import { formatCount, formatDuration, formatTable } from './format.js';
import { integerBetween, numberBetween } from './option-values.js';
import { printJson } from './result-view.js';
import { writeLine } from './terminal.js';
import { printTokenizerReport } from './tokenizer-view.js';

const EXAMPLES = `
Examples:
  $ lacuna tokenizer train corpus/ --model wordpiece --vocab-size 8000 --out my-tokenizer
  $ lacuna tokenizer train src/ --extension .ts --model byte-bpe --vocab-size 16000 \\
      --pre-tokenizer identifiers byte-level-only --out code.json
  $ lacuna tokenizer encode "The state of the union" --tokenizer my-tokenizer
  $ lacuna tokenizer decode 2 118 95 3 --tokenizer my-tokenizer
  $ lacuna tokenizer inspect my-tokenizer corpus/`;

const MODELS: readonly TokenizerModel[] = ['wordpiece', 'bpe', 'byte-bpe', 'unigram', 'character', 'residue'];

type TrainFlags = Omit<TrainTokenizerOptions, 'paths' | 'extensions' | 'onProgress'> & {
  readonly extension?: string[];
  readonly json?: boolean;
};

/** Adds `lacuna tokenizer` with its own commands. */
export function addTokenizerCommand(program: Command, context: Context): void {
  const tokenizer = program
    .command('tokenizer')
    .description('train a tokenizer, encode and decode with one, measure one')
    .addHelpText('after', EXAMPLES);
  addTrain(tokenizer, context);
  addEncode(tokenizer, context);
  addDecode(tokenizer, context);
  addInspect(tokenizer, context);
}

function addTrain(tokenizer: Command, context: Context): void {
  tokenizer
    .command('train')
    .description('train a tokenizer on text')
    .argument('[paths...]', 'files, directories or globs of UTF-8 text; none for residues')
    .addOption(new Option('--model <kind>', 'kind of tokenizer').choices(MODELS).makeOptionMandatory())
    .option(
      '--vocab-size <n>',
      'number of tokens to reach (default: 8000; all characters for character)',
      integerBetween(1, 1 << 22),
    )
    .requiredOption('--out <path>', 'a file ending in .json, or a directory')
    .option('--overwrite', 'replace a tokenizer that is already there')
    .option('--extension <end...>', 'files of a directory to read, by the end of their names')
    .option('--normalizer <name...>', 'one after another, such as nfkc lowercase replace:REGEX=TEXT')
    .option('--pre-tokenizer <name...>', 'one after another, such as whitespace digits split:REGEX')
    .option('--special-tokens <token...>', 'tokens of the first ids (default: those of BERT)')
    .option('--min-frequency <n>', 'pairs seen less often are not merged', integerBetween(0, 1 << 30))
    .option('--limit-alphabet <n>', 'characters kept, most frequent first', integerBetween(1, 1 << 21))
    .option('--initial-alphabet <characters>', 'characters kept in any case')
    .option('--continuing-subword-prefix <text>', 'begins tokens that continue a word')
    .option('--end-of-word-suffix <text>', 'ends tokens that end a word')
    .option('--max-token-length <n>', 'characters of a merged token at most', integerBetween(1, 1 << 20))
    .option('--shrinking-factor <x>', 'unigram: share of pieces kept in a round', numberBetween(0.01, 0.99))
    .option('--sub-iterations <n>', 'unigram: EM steps in a round', integerBetween(1, 100))
    .option('--max-piece-length <n>', 'unigram: characters of a piece at most', integerBetween(1, 1000))
    .option('--seed-size <n>', 'unigram: pieces to begin with', integerBetween(1, 1 << 27))
    .option('--json', 'print one JSON value on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], { json, extension, ...flags }: TrainFlags) => {
      if (paths.length === 0 && flags.model !== 'residue') {
        throw new UsageError(`missing the text to train ${flags.model} on: give files, directories or globs`);
      }
      const api = await context.loadApi();
      const { stdout, stderr } = context.terminal;
      const result = await api.trainTokenizer({
        paths,
        ...flags,
        ...(extension && { extensions: extension }),
        onProgress: progressLine(stderr),
      });
      if (json) printJson(stdout, result);
      else {
        const facts = `${formatCount(result.vocabSize)} tokens in ${formatDuration(result.trainMs)}`;
        writeLine(stdout, `${result.model}: ${facts}, written to ${result.file}`);
      }
    });
}

/** A line on a live terminal that is drawn again; nothing elsewhere. */
function progressLine({
  stream,
  isLive,
}: Context['terminal']['stderr']): (done: number, total: number) => void {
  return (done, total) => {
    if (isLive)
      stream.write(`\r${formatCount(done)} of ${formatCount(total)} tokens${done === total ? '\n' : ''}`);
  };
}

interface EncodeFlags {
  readonly tokenizer: string;
  readonly specialTokens: boolean;
  readonly ids?: boolean;
  readonly json?: boolean;
}

function addEncode(tokenizer: Command, context: Context): void {
  tokenizer
    .command('encode')
    .description('text to tokens, ids and places in the text (UTF-16 code units)')
    .argument('[texts...]', 'texts; without any, the lines of standard input')
    .requiredOption('--tokenizer <path>', 'a tokenizer.json, or a directory with one')
    .option('--no-special-tokens', 'put no special tokens around the text')
    .option('--ids', 'print the ids alone, one text a line')
    .option('--json', 'print one JSON value a text')
    .addHelpText('after', EXAMPLES)
    .action(async (texts: string[], flags: EncodeFlags) => {
      const api = await context.loadApi();
      const opened = await api.openTokenizer(flags.tokenizer);
      const { stdout } = context.terminal;
      for await (const text of texts.length > 0 ? texts : standardInput()) {
        const encoding = opened.encode(text, { addSpecialTokens: flags.specialTokens });
        if (flags.json) printJson(stdout, encoding);
        else if (flags.ids) writeLine(stdout, encoding.ids.join(' '));
        else {
          const rows = encoding.ids.map((id, index) => {
            const [start, end] = encoding.offsets[index] ?? [0, 0];
            return [JSON.stringify(encoding.tokens[index]), String(id), String(start), String(end)];
          });
          for (const line of formatTable([['token', 'id', 'start', 'end'], ...rows])) writeLine(stdout, line);
        }
      }
    });
}

function standardInput(): AsyncIterable<string> {
  return createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
}

const idValue = (text: string, previous: readonly number[] | undefined): number[] => [
  ...(previous ?? []),
  integerBetween(0, 2 ** 31 - 1)(text),
];

function addDecode(tokenizer: Command, context: Context): void {
  tokenizer
    .command('decode')
    .description('ids to text')
    .argument('<ids...>', 'ids', idValue)
    .requiredOption('--tokenizer <path>', 'a tokenizer.json, or a directory with one')
    .option('--keep-special-tokens', 'write special tokens into the text')
    .addHelpText('after', EXAMPLES)
    .action(async (ids: number[], flags: { tokenizer: string; keepSpecialTokens?: boolean }) => {
      const api = await context.loadApi();
      const opened = await api.openTokenizer(flags.tokenizer);
      const unknown = ids.find((id) => id >= opened.vocabSize);
      if (unknown !== undefined) {
        throw new UsageError(`id ${unknown}: expected ids below the vocabulary size ${opened.vocabSize}`);
      }
      const skipSpecialTokens = flags.keepSpecialTokens !== true;
      writeLine(context.terminal.stdout, opened.decode(ids, { skipSpecialTokens }));
    });
}

function addInspect(tokenizer: Command, context: Context): void {
  tokenizer
    .command('inspect')
    .description('measure a tokenizer on text: fertility, coverage, unknown tokens, bytes per token')
    .argument('<tokenizer>', 'a tokenizer.json, or a directory with one')
    .argument('<paths...>', 'files, directories or globs of UTF-8 text')
    .option('--extension <end...>', 'files of a directory to read, by the end of their names')
    .option('--json', 'print one JSON value on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, paths: string[], flags: { extension?: string[]; json?: boolean }) => {
      const api = await context.loadApi();
      const report = await api.inspectTokenizer(path, paths, flags.extension);
      if (flags.json) printJson(context.terminal.stdout, report);
      else printTokenizerReport(context.terminal.stdout, report);
    });
}
