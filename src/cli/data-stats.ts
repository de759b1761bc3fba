import type { Command } from 'commander';
import {
  Corpus,
  type CorpusStatistics,
  Deduplicator,
  type LeftOut,
  StatisticsCounter,
} from '../data/index.js';
import type { Context } from './context.js';
import { addCorpusOptions, type CorpusFlags, splitCorpusFlags } from './corpus-options.js';
import { formatCount, formatPercent, formatTable } from './format.js';
import { printJson } from './result-view.js';
import { writeLine } from './terminal.js';

/** Adds `lacuna data stats`. */
export function addStatsCommand(data: Command, { terminal: { stdout } }: Context): void {
  const command = data
    .command('stats')
    .description('sizes, words, symbols and duplicates of a corpus')
    .argument('<paths...>', 'files, directories or globs; - for stdin')
    .option('--json', 'print one JSON value on stdout');
  addCorpusOptions(command).action(
    async (paths: string[], flags: CorpusFlags & { readonly json?: boolean }) => {
      const { corpus: options, rest } = splitCorpusFlags(flags);
      const corpus = await Corpus.open(paths, options);
      const stats = await statisticsOf(corpus);
      if (rest.json) return printJson(stdout, { ...stats, leftOut: corpus.leftOut });
      for (const line of formatTable([...rows(stats), ...leftOutRows(corpus.leftOut)]))
        writeLine(stdout, line);
      for (const { id, of, similarity } of stats.examples) {
        writeLine(stdout, `  ${id} repeats ${of} (${formatPercent(similarity)})`);
      }
    },
  );
}

async function statisticsOf(corpus: Corpus): Promise<CorpusStatistics> {
  const counter = new StatisticsCounter();
  const deduplicator = new Deduplicator();
  try {
    for await (const group of corpus.documents()) {
      for (const document of group) counter.add(document, deduplicator.add(document));
    }
  } finally {
    deduplicator.close();
  }
  return counter.result();
}

function rows(stats: CorpusStatistics): string[][] {
  return [
    ['documents', formatCount(stats.documents)],
    ['bytes', formatCount(stats.bytes)],
    ['bytes of the longest', formatCount(stats.longest.bytes)],
    ['words', formatCount(stats.words)],
    ['distinct words', formatCount(stats.distinctWords)],
    ['characters per word', stats.charactersPerWord.toFixed(1)],
    ['symbols', formatPercent(stats.symbolShare)],
    ['documents that repeat an earlier one', formatCount(stats.duplicates)],
    ['of these with the same text', formatCount(stats.exactDuplicates)],
    ['their share of the bytes', formatPercent(stats.duplicateBytes / Math.max(1, stats.bytes))],
  ];
}

/** What filters left out, as rows of a table. */
export function leftOutRows(leftOut: LeftOut): string[][] {
  return Object.entries(leftOut).map(([name, count]) => [`left out by ${name}`, formatCount(count)]);
}
