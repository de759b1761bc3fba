import type { CorpusProgress, TokenizerProgress } from '../api/index.js';
import { formatCount, formatDuration, formatPercent } from './format.js';
import type { Output } from './terminal.js';

const LIVE_INTERVAL_MS = 100;
const PLAIN_INTERVAL_MS = 10_000;
/** An estimate from less would jump about. */
const MIN_ELAPSED_MS = 500;

type Stage = TokenizerProgress['stage'];

const STAGES: Readonly<Record<Stage, { verb: string; amount: (value: number) => string; unit: string }>> = {
  read: { verb: 'reading', amount: (bytes) => (bytes / 1e6).toFixed(1), unit: 'MB' },
  learn: { verb: 'learning', amount: formatCount, unit: 'steps' },
};

/**
 * How far work is and how long it may take, stage by stage: on a terminal one line that is drawn again, elsewhere a line
 * now and then.
 */
export class ProgressLine {
  private stage: Stage | undefined;
  private startedMs = 0;
  private shownMs = 0;
  private isDrawn = false;

  constructor(private readonly output: Output) {}

  update(stage: Stage, progress: CorpusProgress): void {
    const nowMs = performance.now();
    if (stage !== this.stage) {
      this.stage = stage;
      this.startedMs = nowMs;
      this.shownMs = this.output.isLive ? Number.NEGATIVE_INFINITY : nowMs;
    }
    const interval = this.output.isLive ? LIVE_INTERVAL_MS : PLAIN_INTERVAL_MS;
    if (nowMs - this.shownMs < interval) return;
    this.shownMs = nowMs;
    const line = progressText(stage, progress, nowMs - this.startedMs);
    this.output.stream.write(this.output.isLive ? `\r\x1b[K${line}` : `${line}\n`);
    this.isDrawn = this.output.isLive;
  }

  /** Takes the line off the terminal. */
  close(): void {
    if (this.isDrawn) this.output.stream.write('\r\x1b[K');
    this.isDrawn = false;
  }
}

/** Such as "reading 12.3 of 20.0 MB, 61.5 %, 5s left"; of a total that is not known, what was done. */
export function progressText(stage: Stage, { done, total }: CorpusProgress, elapsedMs: number): string {
  const { verb, amount, unit } = STAGES[stage];
  if (total <= 0) return `${verb} ${amount(done)} ${unit}`;
  const share = `${verb} ${amount(done)} of ${amount(total)} ${unit}, ${formatPercent(done / total)}`;
  if (elapsedMs < MIN_ELAPSED_MS || done <= 0) return share;
  return `${share}, ${formatDuration((elapsedMs * (total - done)) / done)} left`;
}
