import type { GrowthPoint, PresetName } from '../api/index.js';
import { UsageError } from '../core/index.js';
import { writeInPlace } from '../files/index.js';
import type { Context } from './context.js';
import { printJson } from './result-view.js';
import { writeLine } from './terminal.js';

export interface GrowthFlags {
  readonly batchSize?: number;
  readonly microBatchSize?: number;
  readonly sequenceLength?: readonly number[];
  readonly repetitions?: number;
  readonly threads?: number;
  readonly plot?: string;
  readonly json?: boolean;
}

/** Runs `lacuna bench --growth`: a Markdown table, or JSON, and a chart where one is asked for. */
export async function runGrowth(
  { loadApi, terminal: { stdout, stderr } }: Context,
  presets: readonly PresetName[],
  flags: GrowthFlags,
): Promise<void> {
  const [preset, ...others] = presets;
  if (preset === undefined || others.length > 0) {
    throw new UsageError(`--growth grows one preset, got ${presets.join(', ')}: give one with --preset`);
  }
  const fixed = flags.batchSize ?? flags.microBatchSize ?? flags.sequenceLength;
  if (fixed !== undefined) {
    throw new UsageError('--growth chooses batch sizes and sequence lengths itself: leave those options out');
  }
  const api = await loadApi();
  const { repetitions, threads } = flags;
  const profile = await api.growth({
    preset,
    ...(repetitions === undefined ? {} : { repetitions }),
    ...(threads === undefined ? {} : { threads }),
    onProgress: (line) => writeLine(stderr, line),
  });
  if (flags.plot !== undefined) await writeInPlace(flags.plot, api.growthChart(profile));
  if (flags.json) printJson(stdout, { machine: api.benchMachine(threads), ...profile });
  else for (const line of growthTable(profile.points)) writeLine(stdout, line);
}

/** The profile as a Markdown table; what has grown is relative to the first point of the axis. */
function growthTable(points: readonly GrowthPoint[]): string[] {
  const rows = points.map((point) => {
    const first = points.find(({ axis }) => axis === point.axis) ?? point;
    const share = (100 * point.attentionMicrosecondsPerToken) / point.microsecondsPerToken;
    return [
      `${point.axis} = ${point.value}`,
      point.msPerStep.toFixed(1),
      point.tokensPerSecond.toFixed(0),
      point.microsecondsPerToken.toFixed(1),
      (point.microsecondsPerToken / first.microsecondsPerToken).toFixed(2),
      (point.limitMicrosecondsPerToken / first.limitMicrosecondsPerToken).toFixed(2),
      `${share.toFixed(0)} %`,
      (point.limitMicrosecondsPerToken / point.microsecondsPerToken).toFixed(2),
    ];
  });
  const header = ['size', 'ms/step', 'tokens/s', 'us/token', 'grown', 'FLOPs grown', 'attention', 'of sgemm'];
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}
