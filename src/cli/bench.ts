import { type Command, Option } from 'commander';
import type { BenchResult, PresetName } from '../api/index.js';
import { UsageError } from '../core/index.js';
import { runGrowth } from './bench-growth.js';
import type { Context } from './context.js';
import { integerBetween } from './option-values.js';
import { printJson } from './result-view.js';
import { writeLine } from './terminal.js';

const EXAMPLES = `
Examples:
  $ lacuna bench
  $ lacuna bench --preset tiny mini --sequence-length 128 512
  $ lacuna bench --preset mini --json
  $ lacuna bench --preset mini --growth --plot growth.svg

Training steps are measured whole (masking, batches, forward, backward, optimizer, copies) in turn with the machine's own
matrix product through the same runtime; medians. Effective GFLOP/s count the needed matrix products only. --growth
measures how the cost of a token grows with sequence length, layers, width, vocabulary and batch: minutes on a few cores.`;

interface BenchFlags {
  readonly preset?: string[];
  readonly sequenceLength?: number[];
  readonly batchSize?: number;
  readonly microBatchSize?: number;
  readonly recompute?: boolean;
  readonly repetitions?: number;
  readonly threads?: number;
  readonly growth?: boolean;
  readonly plot?: string;
  readonly json?: boolean;
}

const collectLengths = (value: string, previous: readonly number[] | undefined): number[] => [
  ...(previous ?? []),
  integerBetween(8, 8192)(value),
];

/** Adds `lacuna bench`. */
export function addBenchCommand(program: Command, context: Context): void {
  program
    .command('bench')
    .description('measure training beside the matrix product of this machine')
    .option(
      '--preset <name...>',
      'sizes of the model: tiny, mini, small, base (default: tiny mini; with --growth: mini)',
    )
    .addOption(
      new Option('--sequence-length <n...>', 'tokens in a sequence (default: 128)').argParser(collectLengths),
    )
    .option('--batch-size <n>', 'sequences in an optimizer step', integerBetween(1, 65_536))
    .option('--micro-batch-size <n>', 'sequences computed at once', integerBetween(1, 65_536))
    .option('--recompute', 'compute layers anew for the backward pass: less memory, more time')
    .option('--repetitions <n>', 'measurements of each', integerBetween(1, 1000))
    .option('--threads <n>', 'threads inside one operator', integerBetween(1, 1024))
    .option('--growth', 'measure how the cost grows, one size at a time')
    .option('--plot <file.svg>', 'draw that growth, too (implies --growth)')
    .option('--json', 'print one JSON value on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: BenchFlags) => {
      const api = await context.loadApi();
      const isGrowth = flags.growth || flags.plot !== undefined;
      const names = flags.preset ?? (isGrowth ? ['mini'] : ['tiny', 'mini']);
      const presets = names.map((name) => {
        const preset = api.PRESET_NAMES.find((known) => known === name);
        if (preset) return preset;
        throw new UsageError(`unknown preset '${name}'; expected ${api.PRESET_NAMES.join(', ')}`);
      });
      if (isGrowth) await runGrowth(context, presets, flags);
      else await runBench(context, presets, flags);
    });
}

async function runBench(
  { loadApi, terminal: { stdout, stderr } }: Context,
  presets: readonly PresetName[],
  flags: BenchFlags,
): Promise<void> {
  const api = await loadApi();
  const results: BenchResult[] = [];
  for (const preset of presets) {
    for (const sequenceLength of flags.sequenceLength ?? [128]) {
      writeLine(stderr, `${preset}, ${sequenceLength} tokens`);
      const onProgress = (line: string) => writeLine(stderr, `  ${line}`);
      results.push(await api.bench({ ...flags, preset, sequenceLength, onProgress }));
    }
  }
  const machine = api.benchMachine(flags.threads);
  if (flags.json) printJson(stdout, { machine, results });
  else for (const line of table(results)) writeLine(stdout, line);
}

/** A row for each result, in columns. */
function table(results: readonly BenchResult[]): string[] {
  const header = [
    'preset',
    'T',
    'tokens/step',
    'at once',
    'tokens/s',
    'GFLOP/s',
    'sgemm',
    'ratio',
    'spread',
    'peak MB',
  ];
  const rows = results.map((result) => [
    result.preset,
    String(result.sequenceLength),
    String(result.batchTokens),
    String(result.microBatchTokens),
    result.tokensPerSecond.toFixed(0),
    result.gflopsEffective.toFixed(1),
    result.gflopsSgemm.toFixed(1),
    result.ratio.toFixed(2),
    `${result.ratioSpread.least.toFixed(2)}-${result.ratioSpread.most.toFixed(2)}`,
    (result.peakRssBytes / 1e6).toFixed(0),
  ]);
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => (row[column] ?? '').length)),
  );
  return [header, ...rows].map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
}
