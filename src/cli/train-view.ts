import type { ProgressEvent, TrainEvent } from '../api/index.js';
import { formatBar, formatCount, formatDuration, formatPercent } from './format.js';
import { LiveBlock, packed } from './live-block.js';
import { columnsOf, type Output, writeLine } from './terminal.js';

const PLAIN_INTERVAL_MS = 5000;
const LIVE_INTERVAL_MS = 100;
/** A list of many files would bury the rest. */
const MAX_DETAIL = 100;
const MOST_BAR_COLUMNS = 30;
const FEWEST_BAR_COLUMNS = 8;

/** Shows the events of a run as they come. */
export interface TrainView {
  onEvent(event: TrainEvent): void;
  /** Draws the last figures, where they are drawn, for good; what is written next comes below. Safe to call twice. */
  close(): void;
}

const timeLeft = (event: ProgressEvent) => `${formatDuration(event.remainingMs)} left`;

function speed(event: ProgressEvent): string[] {
  const { shareOfPeak } = event;
  return [
    `loss ${event.lossNats.toFixed(3)} nats`,
    `masked accuracy ${formatPercent(event.maskedAccuracy)}`,
    `${formatCount(event.tokensPerSecond)} tokens/s`,
    ...(shareOfPeak === undefined ? [] : [`${Math.round(100 * shareOfPeak)} % of peak`]),
  ];
}

function condition(event: ProgressEvent): string[] {
  const { skippedSteps = 0, lastCheckpointStep } = event;
  return [
    `learning rate ${event.learningRate.toExponential(1)}`,
    `gradient ${event.gradientNorm.toFixed(2)}`,
    `${formatCount(event.memoryBytes / 1e6)} MB`,
    ...(skippedSteps === 0 ? [] : [`${formatCount(skippedSteps)} skipped`]),
    ...(lastCheckpointStep === undefined ? [] : [`checkpoint ${formatCount(lastCheckpointStep)}`]),
  ];
}

/** All figures on one line. */
function figures(event: ProgressEvent): string {
  return [...speed(event), timeLeft(event), ...condition(event)].join('  ');
}

/** All figures on lines of at most `width` columns, below a bar. */
function block(event: ProgressEvent, width: number): string[] {
  const done = event.elapsedMs / Math.max(1, event.elapsedMs + event.remainingMs);
  const facts = `${formatPercent(done).padStart(8)}   step ${formatCount(event.step)}   ${timeLeft(event)}`;
  const columns = Math.max(FEWEST_BAR_COLUMNS, Math.min(MOST_BAR_COLUMNS, width - facts.length));
  const bar = formatBar(done, columns);
  const rest = '░'.repeat(columns - [...bar].length);
  return [`${bar}${rest}${facts}`, ...packed([...speed(event), ...condition(event)], width)];
}

function stageLine(output: Output, stage: string, detail: string): string {
  const isLong = stage === 'read' && detail.length > MAX_DETAIL;
  const shown = isLong ? `${detail.slice(0, MAX_DETAIL)}…` : detail;
  return `${output.colors.cyan(stage.padEnd(10))} ${shown}`;
}

/** Lines for logs: every stage, and the training loop about every five seconds. */
function plainView(output: Output): TrainView {
  let nextMs = 0;
  return {
    onEvent(event) {
      if (event.type === 'stage') {
        writeLine(output, stageLine(output, event.stage, event.detail));
      } else if (event.elapsedMs >= nextMs || event.step >= event.totalSteps) {
        nextMs = event.elapsedMs + PLAIN_INTERVAL_MS;
        writeLine(output, stageLine(output, `step ${event.step}`, figures(event)));
      }
    },
    close() {},
  };
}

/** A block of lines that is redrawn, below the lines of the stages. */
function liveView(output: Output): TrainView {
  const live = new LiveBlock(output);
  let closed = false;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let pending: ProgressEvent | undefined;
  const draw = () => {
    // The last column stays free: some terminals begin a new line as soon as it is used.
    if (pending) live.draw(block(pending, columnsOf(output) - 1));
    pending = undefined;
    drawnAt = performance.now();
  };
  return {
    onEvent(event) {
      if (event.type === 'stage') {
        if (pending) draw();
        if (closed) writeLine(output, stageLine(output, event.stage, event.detail));
        else live.writeAbove(stageLine(output, event.stage, event.detail));
        return;
      }
      if (closed) return;
      pending = event;
      if (performance.now() - drawnAt >= LIVE_INTERVAL_MS) draw();
    },
    close() {
      if (pending) draw();
      closed = true;
    },
  };
}

/** A view that suits the output: live on a terminal, plain lines elsewhere. */
export function createTrainView(output: Output): TrainView {
  return output.isLive ? liveView(output) : plainView(output);
}
