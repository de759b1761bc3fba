import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { FileError } from '../core/index.js';
import { Deduplicator, type Document, DocumentFiles, type Duplicate, readCorpus } from '../data/index.js';
import { exists, toFileError, writeDirectory } from '../files/index.js';
import type { Context } from './context.js';
import { formatCount, formatPercent, formatTable } from './format.js';
import { numberBetween } from './option-values.js';
import { printJson } from './result-view.js';
import { type Output, writeLine } from './terminal.js';

interface DedupFlags {
  readonly out: string;
  readonly threshold: number;
  readonly json?: boolean;
}

/** Duplicates that are listed on the terminal; JSON has them all. */
const MOST_LISTED = 50;

/** Adds `lacuna data dedup`. */
export function addDedupCommand(data: Command, { terminal: { stdout } }: Context): void {
  data
    .command('dedup')
    .description('copy a corpus without documents that repeat an earlier one, wholly or nearly')
    .argument('<paths...>', 'files, directories or globs of UTF-8 text')
    .requiredOption('--out <dir>', 'a new directory for the documents that are kept')
    .option('--threshold <share>', 'common five-word stretches of a duplicate', numberBetween(0.5, 1), 0.8)
    .option('--json', 'print one JSON value on stdout')
    .action(async (paths: string[], { out, threshold, json }: DedupFlags) => {
      if (await exists(out)) throw new FileError(`'${out}' exists; choose another --out`);
      const result = await deduplicateInto(out, await readCorpus(paths), threshold);
      if (json) printJson(stdout, result);
      else printReport(stdout, out, result);
    });
}

interface DedupResult {
  /** Ids of the documents that are written. */
  readonly kept: readonly string[];
  readonly duplicates: readonly Duplicate[];
}

/** Writes what is kept, all or nothing. */
async function deduplicateInto(
  out: string,
  documents: readonly Document[],
  threshold: number,
): Promise<DedupResult> {
  const kept: string[] = [];
  const duplicates: Duplicate[] = [];
  try {
    await writeDirectory(resolve(out), async (directory) => {
      const deduplicator = new Deduplicator({ threshold, scratch: dirname(resolve(out)) });
      const files = new DocumentFiles(directory, []);
      try {
        for (const document of documents) {
          const duplicate = deduplicator.add(document);
          if (duplicate) duplicates.push(duplicate);
          else {
            kept.push(document.id);
            await files.write(document);
          }
        }
      } finally {
        deduplicator.close();
        await files.close();
      }
    });
  } catch (cause) {
    throw toFileError(`cannot write '${out}'`, cause);
  }
  return { kept, duplicates };
}

function printReport(output: Output, out: string, { kept, duplicates }: DedupResult): void {
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
}
