import type { Command } from 'commander';
import type { PrepareDataOptions, PrepareDataResult } from '../api/index.js';
import type { Context } from './context.js';
import { addUniqueCorpusOptions, type CorpusFlags, splitCorpusFlags } from './corpus-options.js';
import { formatCount, formatTable } from './format.js';
import { runInterruptibly } from './interruptible.js';
import { integerBetween } from './option-values.js';
import { printJson } from './result-view.js';
import { writeLine } from './terminal.js';

type PrepareFlags = Omit<PrepareDataOptions, 'paths' | 'corpus' | 'signal' | 'onEvent'> &
  CorpusFlags & { readonly json?: boolean };

const MEGABYTE = 1e6;

/** Adds `lacuna data prepare`. */
export function addPrepareCommand(data: Command, context: Context): void {
  const command = data
    .command('prepare')
    .description('encode a corpus of any size once, into token shards that train reads in bounded memory')
    .argument('<paths...>', 'files, directories or globs')
    .requiredOption('--out <dir>', 'a new directory for the shards')
    .option('--tokenizer <path>', 'a tokenizer.json or a directory with one, instead of learning WordPiece')
    .option('--vocab-size <n>', 'entries of the vocabulary that is learned', integerBetween(100, 262_144))
    .option('--sequence-length <n>', 'tokens in a sequence (default: 128)', integerBetween(8, 8192))
    .option('--words', 'keep where words begin, for masking by words')
    .option('--json', 'print one JSON value on stdout');
  addUniqueCorpusOptions(command).action(async (paths: string[], { json, ...flags }: PrepareFlags) => {
    const { corpus, rest } = splitCorpusFlags(flags);
    const result = await prepareWithView(context, { paths, ...rest, ...(corpus && { corpus }) });
    const { stdout } = context.terminal;
    if (json) return printJson(stdout, result);
    for (const line of formatTable(rows(result))) writeLine(stdout, line);
    writeLine(stdout, `\nprepared; train on it by: lacuna train ${result.directory} --out MODEL`);
  });
}

async function prepareWithView(context: Context, options: PrepareDataOptions): Promise<PrepareDataResult> {
  const api = await context.loadApi();
  return runInterruptibly(context, 'nothing is kept', (watched) =>
    api.prepareData({ ...options, ...watched }),
  );
}

function rows({ corpus, totalMs, ...result }: PrepareDataResult): string[][] {
  const bytes = corpus.trainBytes + corpus.heldOutBytes;
  const megabytes = (count: number) => `${(count / MEGABYTE).toFixed(1)} MB`;
  return [
    ['documents', formatCount(corpus.documents), `${formatCount(corpus.heldOutDocuments)} held out`],
    ['text', megabytes(bytes), `${megabytes((1000 * bytes) / totalMs)} a second`],
    ['vocabulary', formatCount(result.vocabSize), 'tokens'],
    [
      'sequences',
      formatCount(result.trainTokens / result.sequenceLength),
      `of ${result.sequenceLength} tokens`,
    ],
    ['shards', megabytes(result.sizeBytes), result.directory],
  ];
}
