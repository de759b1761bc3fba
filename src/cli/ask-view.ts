import type { JointAnswer, PairScore, PairSummary, TargetCandidate, TextScore } from '../ask/index.js';
import { formatBar, formatPercent, formatTable } from './format.js';
import { type Output, type Terminal, writeLine } from './terminal.js';

const BAR_WIDTH = 24;
const WORDS_SHOWN = 12;

/** Prints whole fillings, best first, and on stderr what their figures are. */
export function printJoint({ stdout, stderr }: Terminal, answer: JointAnswer): void {
  for (const { sequence, logProbability, probability } of answer.fillings) {
    const bar = stdout.colors.cyan(formatBar(probability, BAR_WIDTH));
    const nats = logProbability.toFixed(3).padStart(8);
    writeLine(stdout, `  ${formatPercent(probability).padStart(7)}  ${nats}  ${sequence}  ${bar}`.trimEnd());
  }
  const { dim } = stderr.colors;
  for (const { masks, candidates, coverage } of answer.lengths) {
    const mass = coverage.map(formatPercent).join(', ');
    writeLine(
      stderr,
      dim(`${masks} masks, among ${candidates.join(' x ')} candidates with ${mass} of each mask's mass`),
    );
  }
  writeLine(stderr, dim(`${answer.method}: nats are ${answer.meaning}`));
  if (answer.lengths.length > 1) {
    const how = answer.lengthCorrection === 'mean' ? 'nats per token' : 'nats, uncorrected';
    writeLine(stderr, dim(`ranked across lengths by ${how}`));
  }
  if (answer.window) writeLine(stderr, dim(windowLine(answer.window)));
}

/** "read tokens 10 to 138 of 900". */
export function windowLine({ start, end, of }: { start: number; end: number; of: number }): string {
  return `the text is longer than the model reads: read tokens ${start} to ${end} of ${of}`;
}

/** Prints the probability of each target at each mask. */
export function printTargets(output: Output, masks: readonly (readonly TargetCandidate[])[]): void {
  for (const [index, candidates] of masks.entries()) {
    if (masks.length > 1) writeLine(output, output.colors.dim(`  mask ${index + 1} of ${masks.length}`));
    const rows = candidates.map(({ token_str, score, log_probability, tokens }) => [
      `  ${token_str}`,
      `${(100 * score).toPrecision(3)} %`,
      `${log_probability.toFixed(3)} nats`,
      `${tokens.length} ${tokens.length === 1 ? 'token' : 'tokens'}`,
    ]);
    for (const line of formatTable(rows)) writeLine(output, line);
  }
}

/** Prints the sum of each text and its most surprising words. */
export function printScores(output: Output, scores: readonly TextScore[]): void {
  for (const score of scores) {
    const { pseudoLogLikelihoodNats: nats, pseudoLogLikelihoodBits: bits, windows } = score;
    const unknown = score.unknownTokens > 0 ? `, ${score.unknownTokens} unknown left out` : '';
    const cut = windows ? `, ${windows.count} windows of ${windows.size} tokens every ${windows.stride}` : '';
    writeLine(
      output,
      output.colors.bold(score.text.length > 100 ? `${score.text.slice(0, 97)}...` : score.text),
    );
    writeLine(
      output,
      `  ${nats.toFixed(4)} nats  ${bits.toFixed(4)} bits  ${score.scoredTokens} tokens${unknown}${cut}`,
    );
    const longest = Math.max(0, ...score.words.map(({ surprisalBits }) => surprisalBits));
    for (const { word, surprisalBits } of score.words.slice(0, WORDS_SHOWN)) {
      const bar = output.colors.cyan(formatBar(surprisalBits / (longest || 1), BAR_WIDTH));
      writeLine(
        output,
        `  ${surprisalBits.toFixed(2).padStart(7)} bits  ${word.padEnd(16)} ${bar}`.trimEnd(),
      );
    }
    const more = score.words.length - WORDS_SHOWN;
    if (more > 0) writeLine(output, output.colors.dim(`  and ${more} more words; --json has them all`));
  }
}

/** Prints which sentence of each pair is likelier. */
export function printPairs(output: Output, pairs: readonly PairScore[]): void {
  for (const { good, bad, differenceNats, isTie, isCorrect } of pairs) {
    const verdict = isTie ? 'tie' : isCorrect ? 'correct' : 'wrong';
    writeLine(
      output,
      `  ${verdict.padEnd(8)} ${differenceNats.toFixed(4).padStart(10)} nats  ${good.text} | ${bad.text}`,
    );
  }
}

/** "7 of 10 correct (70.0 %), 1 tie". */
export function pairSummaryLine({ pairs, correct, ties, accuracy }: PairSummary): string {
  return `${correct} of ${pairs} correct (${formatPercent(accuracy)}), ${ties} ${ties === 1 ? 'tie' : 'ties'}, which count as not correct`;
}
