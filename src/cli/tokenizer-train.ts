import { type Command, Option } from 'commander';
import type { TokenizerModel, TrainTokenizerOptions } from '../api/index.js';
import { UsageError } from '../core/index.js';
import type { Context } from './context.js';
import { addUniqueCorpusOptions, type CorpusFlags, splitCorpusFlags } from './corpus-options.js';
import { formatCount, formatDuration } from './format.js';
import { integerBetween, numberBetween } from './option-values.js';
import { printJson } from './result-view.js';
import { writeLine } from './terminal.js';
import { ProgressLine } from './tokenizer-progress.js';

const MODELS: readonly TokenizerModel[] = ['wordpiece', 'bpe', 'byte-bpe', 'unigram', 'character', 'residue'];
const TEMPLATES: readonly TrainTokenizerOptions['template'][] = ['bert', 'roberta', 't5', 'none'];

type TrainFlags = Omit<TrainTokenizerOptions, 'paths' | 'extensions' | 'corpus' | 'onProgress' | 'onForget'> &
  CorpusFlags & { readonly json?: boolean };

/** Adds `lacuna tokenizer train`. */
export function addTrain(tokenizer: Command, context: Context): Command {
  const command = tokenizer
    .command('train')
    .description('train a tokenizer on text')
    .argument('[paths...]', 'files, directories or globs; none for residues')
    .addOption(new Option('--model <kind>', 'kind of tokenizer').choices(MODELS).makeOptionMandatory())
    .option(
      '--vocab-size <n>',
      'number of tokens to reach (default: 8000; all characters for character)',
      integerBetween(1, 1 << 22),
    )
    .requiredOption('--out <path>', 'a file ending in .json, or a directory')
    .option('--overwrite', 'replace a tokenizer that is already there')
    .option('--normalizer <name...>', 'one after another, such as nfkc lowercase replace:REGEX=TEXT')
    .option('--pre-tokenizer <name...>', 'one after another, such as whitespace digits split:REGEX')
    .option('--special-tokens <token...>', 'tokens of the first ids (default: those of BERT)')
    .addOption(
      new Option(
        '--template <kind>',
        "what is put around texts (default: bert's where its tokens are special tokens)",
      ).choices(TEMPLATES.map(String)),
    )
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
    .option(
      '--threads <n>',
      'threads that count words; the result is the same (default: all cores for large corpora)',
      integerBetween(1, 256),
    )
    .option('--json', 'print one JSON value on stdout');
  return addUniqueCorpusOptions(command).action((paths: string[], flags: TrainFlags) =>
    train(paths, flags, context),
  );
}

async function train(
  paths: readonly string[],
  { json, ...others }: TrainFlags,
  context: Context,
): Promise<void> {
  const { corpus, rest: flags } = splitCorpusFlags(others);
  if (paths.length === 0 && flags.model !== 'residue') {
    throw new UsageError(`missing the text to train ${flags.model} on: give files, directories or globs`);
  }
  const api = await context.loadApi();
  const { stdout, stderr } = context.terminal;
  const line = new ProgressLine(stderr);
  const result = await api
    .trainTokenizer({
      paths,
      ...flags,
      ...(corpus && { corpus }),
      onProgress: ({ stage, ...progress }) => line.update(stage, progress),
      onForget: (words, largestCount) => {
        line.close();
        const facts = `${formatCount(words)} rare ones, seen ${formatCount(largestCount)} times at most so far`;
        writeLine(stderr, `more distinct words than fit into memory: left out ${facts}`);
      },
    })
    .finally(() => line.close());
  if (json) {
    printJson(stdout, result);
    return;
  }
  const facts = `${formatCount(result.vocabSize)} tokens`;
  const source = result.sizeBytes > 0 ? ` from ${(result.sizeBytes / 1e6).toFixed(1)} MB` : '';
  const time = `in ${formatDuration(result.trainMs)}`;
  writeLine(stdout, `${result.model}: ${facts}${source} ${time}, written to ${result.file}`);
}
