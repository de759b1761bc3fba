import type { BaselineResult, Evaluation, EvaluationResult, TrainResult } from '../api/index.js';
import type { FillCandidate, FillResult } from '../ask/index.js';
import { windowLine } from './ask-view.js';
import { formatBar, formatCount, formatDuration, formatPercent, formatTable } from './format.js';
import { type Output, writeLine } from './terminal.js';

const BAR_WIDTH = 24;

function baselineRow(name: string, { lossNats, accuracy }: BaselineResult): string[] {
  return [name, lossNats.toFixed(3), Math.exp(lossNats).toFixed(1), formatPercent(accuracy), ''];
}

/** "1.234 nats per masked token below the unigram". */
function comparison(result: EvaluationResult, baseline: BaselineResult, name: string): string {
  const below = baseline.lossNats - result.lossNats;
  return `${Math.abs(below).toFixed(3)} nats per masked token ${below >= 0 ? 'below' : 'above'} the ${name}`;
}

/** Prints held-out figures beside those of the baselines. */
export function printEvaluation(output: Output, title: string, result: EvaluationResult): void {
  const { colors } = output;
  const { baselines } = result;
  const rows = [
    [title, 'loss (nats)', 'perplexity', 'accuracy', 'top-5'],
    [
      'Lacuna',
      result.lossNats.toFixed(3),
      result.perplexity.toFixed(1),
      formatPercent(result.accuracy),
      formatPercent(result.top5Accuracy),
    ],
  ];
  if (baselines) {
    rows.push(baselineRow('n-gram cloze', baselines.cloze), baselineRow('unigram', baselines.unigram));
  }
  const [header = '', ours = '', ...others] = formatTable(rows);
  for (const line of [colors.bold(header), colors.green(ours), ...others]) writeLine(output, line);
  writeLine(output);
  if (baselines) {
    writeLine(
      output,
      `${comparison(result, baselines.unigram, 'unigram')}, ${comparison(result, baselines.cloze, 'n-gram cloze')}`,
    );
  } else {
    writeLine(output, 'no baselines stored with this model');
  }
  writeLine(
    output,
    `${formatCount(result.maskedTokens)} masked tokens, ${result.bitsPerByte.toFixed(3)} bits per byte of masked text`,
  );
}

/** Prints how well whole words are predicted. */
export function printWholeWords(output: Output, scores: NonNullable<Evaluation['wholeWords']>): void {
  const { bitsPerByte, bitsPerByteHalfWidth: halfWidth, lengthBitsPerByte, words, tokensPerWord } = scores;
  const interval = halfWidth === undefined ? '' : ` ± ${halfWidth.toFixed(3)}`;
  const all = (bitsPerByte + lengthBitsPerByte).toFixed(3);
  writeLine(
    output,
    `${formatCount(words)} whole words of ${tokensPerWord.toFixed(2)} tokens, ${bitsPerByte.toFixed(3)}${interval} bits per byte, ${all} with their numbers of tokens`,
  );
}

/** Prints what a run did: its model, its speed, its held-out figures. */
export function printTraining(output: Output, result: TrainResult): void {
  const { config } = result;
  const shape = `${config.layers} layers x ${config.hidden}, vocabulary ${formatCount(config.vocabSize)}`;
  writeLine(output);
  printEvaluation(output, 'held-out text', result.heldOut);
  writeLine(output, `${formatCount(result.parameters)} parameters (${shape}), seed ${result.seed}`);
  writeLine(
    output,
    `${formatCount(result.steps)} steps, ${formatCount(result.tokens)} tokens in ${formatDuration(result.trainMs)} of training (${formatCount(result.tokensPerSecond)} tokens/s), ${formatDuration(result.totalMs)} in all`,
  );
}

function isPerMask(result: FillResult): result is FillCandidate[][] {
  return Array.isArray(result[0]);
}

/** The candidates of every mask: a flat answer is that of a single mask. */
export function candidatesPerMask(result: FillResult): FillCandidate[][] {
  return isPerMask(result) ? result : [result];
}

/** Prints the candidates of each mask as a table with bars. */
export function printFill(output: Output, result: FillResult): void {
  const masks = candidatesPerMask(result);
  const words = masks.flat().map(({ token_str }) => [...token_str].length);
  const width = Math.max(0, ...words);
  for (const [index, candidates] of masks.entries()) {
    if (masks.length > 1) writeLine(output, output.colors.dim(`  mask ${index + 1} of ${masks.length}`));
    const window = candidates[0]?.window;
    if (window) writeLine(output, output.colors.dim(`  ${windowLine(window)}`));
    for (const { token_str: word, score } of candidates) {
      const padding = ' '.repeat(width - [...word].length);
      const bar = output.colors.cyan(formatBar(score, BAR_WIDTH));
      writeLine(output, `  ${word}${padding}  ${formatPercent(score).padStart(7)}  ${bar}`.trimEnd());
    }
  }
}

/** Prints one JSON value, and nothing else, for programs. */
export function printJson(output: Output, value: unknown): void {
  writeLine(output, JSON.stringify(value, null, 2));
}
