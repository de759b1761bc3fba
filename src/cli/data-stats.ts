import type { Command } from 'commander';
import { type CorpusStatistics, Deduplicator, readCorpus, StatisticsCounter } from '../data/index.js';
import type { Context } from './context.js';
import { formatCount, formatPercent, formatTable } from './format.js';
import { printJson } from './result-view.js';
import { writeLine } from './terminal.js';

/** Adds `lacuna data stats`. */
export function addStatsCommand(data: Command, { terminal: { stdout } }: Context): void {
  data
    .command('stats')
    .description('sizes, words, symbols and duplicates of a corpus')
    .argument('<paths...>', 'files, directories or globs of UTF-8 text')
    .option('--json', 'print one JSON value on stdout')
    .action(async (paths: string[], { json }: { readonly json?: boolean }) => {
      const stats = statisticsOf(await readCorpus(paths));
      if (json) return printJson(stdout, stats);
      for (const line of formatTable(rows(stats))) writeLine(stdout, line);
      for (const { id, of, similarity } of stats.examples) {
        writeLine(stdout, `  ${id} repeats ${of} (${formatPercent(similarity)})`);
      }
    });
}

function statisticsOf(
  documents: readonly { readonly id: string; readonly text: string }[],
): CorpusStatistics {
  const counter = new StatisticsCounter();
  const deduplicator = new Deduplicator();
  try {
    for (const document of documents) counter.add(document, deduplicator.add(document));
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
