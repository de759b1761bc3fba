import { extname } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../core/index.js';
import { writeInPlace } from '../files/index.js';
import type { Context } from './context.js';
import { formatBar, formatTable } from './format.js';
import { integerBetween } from './option-values.js';
import { printJson } from './result-view.js';
import { writeLine } from './terminal.js';

const EXAMPLES = `
Examples:
  $ lacuna explain "The [MASK] of the Union" --model models/mine
  $ lacuna explain "The [MASK] of the Union" --model models/mine --target state --out why.html
  $ lacuna explain "We seek [MASK] and [MASK]." --model models/mine --mask 2 --json

--out writes a page (.html), a picture (.svg) or all figures (.json).`;

const BAR_WIDTH = 12;

interface ExplainFlags {
  readonly model: string;
  readonly mask: number;
  readonly target?: string;
  readonly steps?: number;
  readonly threads?: number;
  readonly out?: string;
  readonly json?: boolean;
}

/** Adds `lacuna explain`. */
export function addExplainCommand(program: Command, context: Context): void {
  program
    .command('explain')
    .description('why a model expects a token in the place of a mask')
    .argument('<text>', 'a text with at least one [MASK], in quotes')
    .requiredOption('--model <dir>', 'the model directory')
    .option('--mask <n>', 'which mask of the text', integerBetween(1, 10_000), 1)
    .option('--target <token>', 'the token to explain, else the likeliest')
    .option('--steps <n>', 'points of integrated gradients (default: 32)', integerBetween(1, 512))
    .option('--threads <n>', 'threads of ONNX Runtime (default: one for each core)', integerBetween(1, 256))
    .option('--out <file>', 'write a .html page, an .svg picture or .json there')
    .option('--json', 'print one JSON value on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (text: string, { json, out, mask, ...options }: ExplainFlags) => {
      const extension = extname(out ?? '.json').toLowerCase();
      if (!['.html', '.svg', '.json'].includes(extension)) {
        throw new UsageError(`--out must end in .html, .svg or .json, got '${out}'`);
      }
      const ask = await context.loadAsk();
      const explanation = await ask.explain({ ...options, text, mask: mask - 1 });
      const { stdout, stderr } = context.terminal;
      if (out !== undefined) {
        const contents = {
          '.html': () => ask.explanationHtml(explanation),
          '.svg': () => ask.explanationSvg(explanation),
          '.json': () => `${JSON.stringify(explanation, null, 2)}\n`,
        }[extension as '.html' | '.svg' | '.json'];
        await writeInPlace(out, contents());
        writeLine(stderr, `written to ${out}`);
      }
      if (json) {
        printJson(stdout, explanation);
        return;
      }
      const { target, tokens, integratedGradients, gradientInput, occlusion, place } = explanation;
      writeLine(
        stdout,
        stdout.colors.bold(`why '${target.token}' (${(100 * target.probability).toFixed(2)} %)`),
      );
      const largest = Math.max(...integratedGradients.values.map(Math.abs)) || 1;
      const rows = tokens.map((token, index) => {
        const value = integratedGradients.values[index] as number;
        const figures = [value, gradientInput[index] as number, occlusion[index] as number];
        const bar = formatBar(Math.abs(value) / largest, BAR_WIDTH).padEnd(BAR_WIDTH);
        return [
          `  ${token}${index === place ? ' <-' : ''}`,
          ...figures.map((figure) => figure.toFixed(4)),
          bar,
        ];
      });
      const header = ['  token', 'integrated', 'gradient x input', 'occlusion', ''];
      for (const line of formatTable([header, ...rows])) writeLine(stdout, line);
      const { difference, completenessError } = integratedGradients;
      const error = completenessError.toExponential(1);
      writeLine(
        stderr,
        stderr.colors.dim(
          `nats of ln p; integrated gradients sum to ${difference.toFixed(4)} but for ${error}`,
        ),
      );
    });
}
