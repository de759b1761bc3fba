import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { DataError, FileError } from '../core/index.js';
import { type Deduplicated, type Document, deduplicate, readCorpus } from '../data/index.js';
import { exists, toFileError, writeDirectory, writeDurably } from '../files/index.js';
import type { Context } from './context.js';
import { addCleanCommand } from './data-clean.js';
import { addPrepareCommand } from './data-prepare.js';
import { formatCount, formatPercent, formatTable } from './format.js';
import { numberBetween } from './option-values.js';
import { printJson } from './result-view.js';
import { type Output, writeLine } from './terminal.js';

const EXAMPLES = `
Examples:
  $ lacuna data stats corpus/
  $ lacuna data dedup corpus/ --out unique/
  $ lacuna data prepare corpus/ --out prepared/
  $ lacuna data dedup "mails/**/*.txt" --out unique/ --threshold 0.9 --json > report.json`;

interface DedupFlags {
  readonly out: string;
  readonly threshold: number;
  readonly json?: boolean;
}

/** Adds `lacuna data stats|dedup|prepare|clean`. */
export function addDataCommand(program: Command, context: Context): void {
  const { stdout } = context.terminal;
  const data = program
    .command('data')
    .description('look at a corpus, and leave out what it says twice')
    .addHelpText('after', EXAMPLES);
  data
    .command('stats')
    .description('sizes, words, symbols and duplicates of a corpus')
    .argument('<paths...>', 'files, directories or globs of UTF-8 text')
    .option('--json', 'print one JSON value on stdout')
    .action(async (paths: string[], { json }: DedupFlags) => {
      const stats = statsOf(await readCorpus(paths));
      if (json) printJson(stdout, stats);
      else for (const line of formatTable(statsRows(stats))) writeLine(stdout, line);
    });
  data
    .command('dedup')
    .description('copy a corpus without documents that repeat an earlier one, wholly or nearly')
    .argument('<paths...>', 'files, directories or globs of UTF-8 text')
    .requiredOption('--out <dir>', 'a new directory for the documents that are kept')
    .option('--threshold <share>', 'common five-word stretches of a duplicate', numberBetween(0.5, 1), 0.8)
    .option('--json', 'print one JSON value on stdout')
    .action(async (paths: string[], { out, threshold, json }: DedupFlags) => {
      if (await exists(out)) throw new FileError(`'${out}' exists; choose another --out`);
      const result = deduplicate(await readCorpus(paths), { threshold });
      await writeDocuments(out, result.kept);
      if (json) printJson(stdout, { kept: result.kept.map(({ id }) => id), duplicates: result.duplicates });
      else printReport(stdout, out, result);
    });
  addPrepareCommand(data, context);
  addCleanCommand(data, context);
}

interface Stats {
  readonly documents: number;
  readonly bytes: number;
  readonly words: number;
  readonly distinctWords: number;
  /** Of all characters, those that are neither letters, digits nor white space. */
  readonly symbolShare: number;
  readonly duplicates: number;
  readonly duplicateBytes: number;
}

function statsOf(documents: readonly Document[]): Stats {
  const seen = new Set<string>();
  let [bytes, words, characters, symbols] = [0, 0, 0, 0];
  for (const { text } of documents) {
    bytes += Buffer.byteLength(text);
    characters += text.length;
    symbols += text.match(/[^\p{L}\p{N}\p{M}\s]/gu)?.length ?? 0;
    for (const word of text.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []) {
      words++;
      seen.add(word.toLowerCase());
    }
  }
  const { duplicates } = deduplicate(documents);
  return {
    documents: documents.length,
    bytes,
    words,
    distinctWords: seen.size,
    symbolShare: symbols / Math.max(1, characters),
    duplicates: duplicates.length,
    duplicateBytes: duplicates.reduce((sum, duplicate) => sum + duplicate.bytes, 0),
  };
}

function statsRows(stats: Stats): string[][] {
  return [
    ['documents', formatCount(stats.documents)],
    ['bytes', formatCount(stats.bytes)],
    ['words', formatCount(stats.words)],
    ['distinct words', formatCount(stats.distinctWords)],
    ['symbols', formatPercent(stats.symbolShare)],
    ['documents that repeat an earlier one', formatCount(stats.duplicates)],
    ['their share of the bytes', formatPercent(stats.duplicateBytes / Math.max(1, stats.bytes))],
  ];
}

/** Writes every document under its id, all or nothing. */
async function writeDocuments(out: string, documents: readonly Document[]): Promise<void> {
  try {
    await writeDirectory(resolve(out), async (written) => {
      for (const { id, text } of documents) {
        const path = resolve(join(written, id));
        if (!path.startsWith(written + sep)) {
          throw new DataError(`the document '${id}' would lie outside '${out}'; name its folder instead`);
        }
        await mkdir(dirname(path), { recursive: true });
        await writeDurably(path, new TextEncoder().encode(text));
      }
    });
  } catch (cause) {
    throw toFileError(`cannot write '${out}'`, cause);
  }
}

function printReport(output: Output, out: string, { kept, duplicates }: Deduplicated): void {
  const rows = duplicates.map(({ id, of, similarity }) => [id, of, formatPercent(similarity)]);
  if (rows.length > 0) {
    const [header = '', ...lines] = formatTable([['left out', 'repeats', 'in common'], ...rows]);
    writeLine(output, output.colors.bold(header));
    for (const line of lines) writeLine(output, line);
    writeLine(output);
  }
  const bytes = duplicates.reduce((sum, duplicate) => sum + duplicate.bytes, 0);
  writeLine(
    output,
    `${formatCount(kept.length)} documents kept in ${out}, ${formatCount(duplicates.length)} left out (${formatCount(bytes)} bytes)`,
  );
}
