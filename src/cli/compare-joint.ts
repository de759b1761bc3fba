import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { toFileError, writeInPlace } from '../files/index.js';
import type { Context } from './context.js';
import { integerBetween, seedValue } from './option-values.js';
import { printJson } from './result-view.js';
import { writeLine } from './terminal.js';

const EXAMPLES = `
Examples:
  $ lacuna compare-joint texts.txt --model models/mine --plot information.svg
  $ lacuna compare-joint texts.txt --model models/mine --candidates 20 --repeats 4 --json`;

interface CompareFlags {
  readonly model: string;
  readonly candidates: number;
  readonly repeats: number;
  readonly seed: number;
  readonly threads?: number;
  readonly plot?: string;
  readonly json?: boolean;
}

/** Adds `lacuna compare-joint`. */
export function addCompareJointCommand(program: Command, context: Context): void {
  program
    .command('compare-joint')
    .description('every method of joint filling beside exact enumeration; mutual information by distance')
    .argument('<file>', 'a text without masks on each line')
    .requiredOption('--model <dir>', 'the model directory')
    .option('--candidates <n>', 'candidates of each mask', integerBetween(2, 80), 50)
    .option('--repeats <n>', 'texts for each number of masks and each distance', integerBetween(1, 1000), 5)
    .option('--seed <n>', 'seed of texts, masks and samples', seedValue, 0)
    .option('--threads <n>', 'threads of ONNX Runtime (default: one for each core)', integerBetween(1, 256))
    .option('--plot <file>', 'write an SVG plot of mutual information there')
    .option('--json', 'print one JSON value on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, { json, plot, model, threads, ...settings }: CompareFlags) => {
      const { stdout, stderr } = context.terminal;
      const content = await readFile(file, 'utf8').catch((cause: unknown) => {
        throw toFileError(`cannot read '${file}'`, cause);
      });
      const texts = content.split(/\r?\n/).filter((line) => line.trim() !== '');
      const [{ withModel }, labs] = await Promise.all([
        import('../ask/index.js'),
        import('../labs/index.js'),
      ]);
      const result = await withModel(
        model,
        ({ predictor, opened }) =>
          labs.compareJointMethods(predictor, opened.tokenizer, { ...settings, texts }, (line) =>
            writeLine(stderr, line),
          ),
        threads,
      );
      if (plot !== undefined) await writeInPlace(plot, labs.informationPlot(result));
      if (json) printJson(stdout, result);
      else {
        writeLine(stdout, labs.distanceTable(result.distances));
        writeLine(stdout, '| distance | mutual information, nats (least-most) |\n| --- | --- |');
        for (const { x, y, low, high } of labs.informationPoints(result.information)) {
          writeLine(stdout, `| ${x} | ${y.toFixed(4)} (${low.toFixed(4)}-${high.toFixed(4)}) |`);
        }
      }
    });
}
