import cliProgress from 'cli-progress';
import type { ProgressEvent, TrainEvent } from '../api/index.js';
import { formatCount, formatDuration, formatPercent } from './format.js';
import { type Output, writeLine } from './terminal.js';

const PLAIN_INTERVAL_MS = 5000;
/** A list of many files would bury the rest. */
const MAX_DETAIL = 100;
const BAR_TOTAL = 1000;
const BAR_FORMAT = '{bar} {percentage}%  {figures}';

/** Shows the events of a run as they come. */
export interface TrainView {
  onEvent(event: TrainEvent): void;
  /** Ends the live status line, if there is one, for good: the terminal is as it was. Safe to call twice. */
  close(): void;
}

function figures(event: ProgressEvent): string {
  return [
    `loss ${event.lossNats.toFixed(3)} nats`,
    `masked accuracy ${formatPercent(event.maskedAccuracy)}`,
    `${formatCount(event.tokensPerSecond)} tokens/s`,
    `${formatDuration(event.remainingMs)} left`,
    `learning rate ${event.learningRate.toExponential(1)}`,
    `gradient ${event.gradientNorm.toFixed(2)}`,
    `${formatCount(event.memoryBytes / 1e6)} MB`,
    ...(event.lastCheckpointStep === undefined
      ? []
      : [`checkpoint ${formatCount(event.lastCheckpointStep)}`]),
  ].join('  ');
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

/** One status line that is redrawn, below the lines of the stages. */
function liveView(output: Output): TrainView {
  let bar: cliProgress.SingleBar | undefined;
  let closed = false;
  const stopBar = () => {
    bar?.stop();
    bar = undefined;
  };
  return {
    onEvent(event) {
      if (event.type === 'stage') {
        stopBar();
        writeLine(output, stageLine(output, event.stage, event.detail));
        return;
      }
      if (closed) return;
      if (!bar) {
        bar = new cliProgress.SingleBar({
          format: BAR_FORMAT,
          stream: output.stream,
          barsize: 20,
          barCompleteChar: '█',
          barIncompleteChar: '░',
          gracefulExit: false, // the command handles signals itself
        });
        bar.start(BAR_TOTAL, 0, { figures: '' });
      }
      const done = event.elapsedMs / Math.max(1, event.elapsedMs + event.remainingMs);
      bar.update(Math.round(done * BAR_TOTAL), { figures: figures(event) });
    },
    close() {
      closed = true;
      stopBar();
    },
  };
}

/** A view that suits the output: live on a terminal, plain lines elsewhere. */
export function createTrainView(output: Output): TrainView {
  return output.isLive ? liveView(output) : plainView(output);
}
