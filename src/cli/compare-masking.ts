import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { CompareMaskingOptions, MaskingComparison } from '../api/index.js';
import type { MeanInterval } from '../core/index.js';
import { writeInPlace } from '../files/index.js';
import type { Context } from './context.js';
import { formatTable } from './format.js';
import { listenForInterruption } from './interruption.js';
import { rateValue } from './masking-options.js';
import { integerBetween, seedValue } from './option-values.js';
import { printJson } from './result-view.js';
import { writeLine } from './terminal.js';

const EXAMPLES = `
Examples:
  $ lacuna compare-masking corpus/ --strategies uniform span pmi --seeds 0 1 2 --steps 400 --out experiments/masking
  $ lacuna compare-masking src/ --extension .ts --tokenizer code.json --steps 200 --out experiments/code \\
      --strategies uniform span:p=0.3,max=5 surprisal:temperature=4 curriculum:from=easy-first,to=surprisal

Every run has the same initial parameters, texts, steps and predictions, and is measured under uniform masks at 15 %.
Runs are kept in --out as they end: the same command goes on where it was interrupted. comparison.json and comparison.svg
are written there at the end.`;

type CompareFlags = Omit<CompareMaskingOptions, 'paths' | 'extensions' | 'signal' | 'onProgress'> & {
  readonly extension?: string[];
  readonly json?: boolean;
};

const collectSeeds = (value: string, previous: readonly number[] | undefined): number[] => [
  ...(previous ?? []),
  seedValue(value),
];

/** Adds `lacuna compare-masking`. */
export function addCompareMaskingCommand(program: Command, context: Context): void {
  program
    .command('compare-masking')
    .description('train the same model under several masking strategies and compare them with intervals')
    .argument('<paths...>', 'files, directories or globs of UTF-8 text')
    .requiredOption('--strategies <name...>', 'strategies; the first is what the others are compared with')
    .addOption(new Option('--seeds <n...>', 'seeds (default: 0 1 2)').argParser(collectSeeds))
    .requiredOption('--steps <n>', 'optimizer steps of a run', integerBetween(1, 1e9))
    .requiredOption('--out <dir>', 'directory of the results')
    .option('--mask-rate <rate>', 'share of tokens to mask in training (default: 0.15)', rateValue)
    .option('--tokenizer <path>', 'a tokenizer.json, or a directory with one (default: WordPiece is learned)')
    .option('--extension <end...>', 'files of a directory to read, by the end of their names')
    .option('--vocab-size <n>', 'entries of the vocabulary', integerBetween(100, 262_144))
    .option('--sequence-length <n>', 'tokens in a sequence', integerBetween(8, 8192))
    .option('--batch-size <n>', 'sequences in an optimizer step', integerBetween(1, 65_536))
    .option('--layers <n>', 'layers of the encoder', integerBetween(1, 64))
    .option('--hidden <n>', 'width of the hidden states', integerBetween(8, 8192))
    .option('--threads <n>', 'threads inside one operator', integerBetween(1, 1024))
    .option('--json', 'print one JSON value on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], { extension, json, ...flags }: CompareFlags) => {
      const api = await context.loadApi();
      const { stdout, stderr } = context.terminal;
      const interruption = listenForInterruption(() =>
        writeLine(stderr, 'interrupted: finishing the run under way; once more stops at once'),
      );
      try {
        const comparison = await api.compareMasking({
          ...flags,
          paths,
          seeds: flags.seeds ?? [0, 1, 2],
          ...(extension && { extensions: extension }),
          signal: interruption.signal,
          onProgress: (line) => writeLine(stderr, line),
        });
        await writeInPlace(
          join(flags.out, 'comparison.json'),
          `${JSON.stringify(comparison, undefined, 2)}\n`,
        );
        await writeInPlace(join(flags.out, 'comparison.svg'), api.comparisonSvg(comparison));
        if (json) printJson(stdout, comparison);
        else for (const line of comparisonTable(comparison)) writeLine(stdout, line);
      } finally {
        interruption.dispose();
      }
    });
}

function interval({ mean, halfWidth }: MeanInterval, digits: number, sign = false): string {
  const shown = `${sign && mean >= 0 ? '+' : ''}${mean.toFixed(digits)}`;
  return halfWidth === undefined ? shown : `${shown} ± ${halfWidth.toFixed(digits)}`;
}

/** A row for each strategy: means and 95 % intervals over seeds. */
export function comparisonTable({ strategies, seeds, steps }: MaskingComparison): string[] {
  const percent = ({ mean, halfWidth }: MeanInterval): MeanInterval => ({
    mean: 100 * mean,
    halfWidth: halfWidth === undefined ? undefined : 100 * halfWidth,
  });
  const rows = strategies.map((summary, index) => [
    summary.strategy,
    interval(summary.lossNats, 4),
    index === 0 ? '' : interval(summary.lossDifference, 4, true),
    interval(percent(summary.accuracy), 2),
    interval(summary.squaredGradientNorm, 3),
    interval(summary.trainingSurprisalNats, 3),
  ]);
  const header = ['strategy', 'held-out nats', 'difference', 'accuracy %', '|gradient|^2', 'training nats'];
  return [
    ...formatTable([header, ...rows]),
    '',
    `${seeds.length} seeds, ${steps} steps each; ± is the 95 % interval over seeds (Student), differences seed by seed`,
  ];
}
