import type { TokenizerReport } from '../api/index.js';
import { formatBar, formatCount, formatPercent, formatTable } from './format.js';
import { type Output, writeLine } from './terminal.js';

const BAR_WIDTH = 32;

/** Prints the figures of a tokenizer as a table, its words by number of tokens as bars, and its longest pieces. */
export function printTokenizerReport(output: Output, report: TokenizerReport): void {
  const { colors } = output;
  const rows = [
    ['vocabulary', formatCount(report.vocabSize)],
    ['  used by the text', formatPercent(report.vocabularyUsed)],
    ['words', formatCount(report.words)],
    ['tokens', formatCount(report.tokens)],
    ['fertility (tokens per word)', report.fertility.toFixed(3)],
    ['bytes per token', report.bytesPerToken.toFixed(3)],
    ['coverage of characters', formatPercent(report.coverage)],
    ['unknown tokens', formatPercent(report.unknownRate)],
  ];
  for (const line of formatTable(rows)) writeLine(output, line);
  writeLine(output);
  writeLine(output, colors.bold('tokens in a word'));
  for (const line of distribution(report)) writeLine(output, line);
  writeLine(output);
  writeLine(output, colors.bold('longest pieces'));
  writeLine(output, report.longestPieces.map((piece) => JSON.stringify(piece)).join(' '));
}

function distribution({ wordsByTokens, words }: TokenizerReport): string[] {
  return wordsByTokens.map((count, index) => {
    const isLast = index === wordsByTokens.length - 1;
    const share = words === 0 ? 0 : count / words;
    const label = `${index + 1}${isLast ? '+' : ''}`.padEnd(3);
    return `${label} ${formatPercent(share).padStart(7)} ${formatBar(share, BAR_WIDTH)}`.trimEnd();
  });
}
