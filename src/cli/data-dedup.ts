import { resolve } from 'node:path';
import type { Command } from 'commander';
import { FileError } from '../core/index.js';
import {
  Corpus,
  DeduplicatedCorpus,
  DocumentFiles,
  DUPLICATE_THRESHOLD,
  type Duplicate,
  type LeftOut,
} from '../data/index.js';
import { existingAbove, exists, toFileError, writeDirectory } from '../files/index.js';
import type { Context } from './context.js';
import { addCorpusOptions, type CorpusFlags, duplicateShare, splitCorpusFlags } from './corpus-options.js';
import { leftOutRows } from './data-stats.js';
import { formatCount, formatPercent, formatTable } from './format.js';
import { printJson } from './result-view.js';
import { type Output, writeLine } from './terminal.js';

interface DedupFlags extends CorpusFlags {
  readonly out: string;
  readonly threshold: number;
  readonly json?: boolean;
}

/** Duplicates that are listed on the terminal; JSON has them all. */
const MOST_LISTED = 50;

/** Adds `lacuna data dedup`. */
export function addDedupCommand(data: Command, { terminal: { stdout } }: Context): void {
  const command = data
    .command('dedup')
    .description('copy a corpus without documents that repeat an earlier one, wholly or nearly')
    .argument('<paths...>', 'files, directories or globs; - for stdin')
    .requiredOption('--out <dir>', 'a new directory for the documents that are kept')
    .option(
      '--threshold <share>',
      'common five-word stretches of a duplicate',
      duplicateShare,
      DUPLICATE_THRESHOLD,
    )
    .option('--json', 'print one JSON value on stdout');
  addCorpusOptions(command).action(async (paths: string[], flags: DedupFlags) => {
    const { corpus: options, rest } = splitCorpusFlags(flags);
    const { out, threshold, json } = rest;
    if (await exists(out)) throw new FileError(`'${out}' exists; choose another --out`);
    const result = await deduplicateInto(out, await Corpus.open(paths, options), threshold);
    if (json) printJson(stdout, result);
    else printReport(stdout, out, result);
  });
}

interface DedupResult {
  /** Ids of the documents that are written. */
  readonly kept: readonly string[];
  readonly duplicates: readonly Duplicate[];
  /** Documents that filters left out before. */
  readonly leftOut: LeftOut;
}

/** Writes what is kept, all or nothing. */
async function deduplicateInto(out: string, corpus: Corpus, threshold: number): Promise<DedupResult> {
  const kept: string[] = [];
  const duplicates: Duplicate[] = [];
  const scratch = await existingAbove(out);
  const unique = new DeduplicatedCorpus(corpus, {
    threshold,
    scratch,
    onDuplicate: (duplicate) => duplicates.push(duplicate),
  });
  try {
    await writeDirectory(resolve(out), async (directory) => {
      const files = new DocumentFiles(directory, corpus.files);
      try {
        for await (const group of unique.documents()) {
          for (const document of group) {
            kept.push(document.id);
            await files.write(document);
          }
        }
      } finally {
        await files.close();
      }
    });
  } catch (cause) {
    throw toFileError(`cannot write '${out}'`, cause);
  }
  return { kept, duplicates, leftOut: corpus.leftOut };
}

function printReport(output: Output, out: string, { kept, duplicates, leftOut }: DedupResult): void {
  const rows = duplicates
    .slice(0, MOST_LISTED)
    .map(({ id, of, similarity }) => [id, of, formatPercent(similarity)]);
  if (rows.length > 0) {
    const [header = '', ...lines] = formatTable([['left out', 'repeats', 'in common'], ...rows]);
    writeLine(output, output.colors.bold(header));
    for (const line of lines) writeLine(output, line);
    const more = duplicates.length - rows.length;
    if (more > 0) writeLine(output, `and ${formatCount(more)} more, which --json lists`);
    writeLine(output);
  }
  const bytes = duplicates.reduce((sum, duplicate) => sum + duplicate.bytes, 0);
  writeLine(
    output,
    `${formatCount(kept.length)} documents kept in ${out}, ${formatCount(duplicates.length)} left out (${formatCount(bytes)} bytes)`,
  );
  for (const line of formatTable(leftOutRows(leftOut))) writeLine(output, line);
}
