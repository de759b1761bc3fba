import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ExportModelOptions, ExportModelResult } from '../api/index.js';
import { UsageError } from '../core/index.js';
import { EXPORT_TASKS, type ExportTask, QUANTIZATIONS, type Quantization } from '../hub/index.js';
import type { Context } from './context.js';
import { formatTable } from './format.js';
import { integerBetween } from './option-values.js';
import { printJson } from './result-view.js';
import { type Output, writeLine } from './terminal.js';

const EXAMPLES = `
Examples:
  $ lacuna export --model models/mine --format hf --out exports/mine
  $ lacuna export --model models/mine --format onnx --out exports/mine --quantize int8,fp16
  $ lacuna export --model models/mine --format onnx --task feature-extraction --out exports/mine-features

hf is what transformers opens; onnx adds onnx/model.onnx for transformers.js and ONNX Runtime, and with --quantize
onnx/model_quantized.onnx (int8) and onnx/model_fp16.onnx.`;

const MIB = 2 ** 20;

interface ExportFlags {
  readonly model: string;
  readonly out: string;
  readonly format: ExportModelOptions['format'];
  readonly task?: ExportTask;
  readonly quantize?: readonly Quantization[];
  readonly externalAbove?: number;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

/** A list such as "int8,fp16". */
function quantizationsValue(text: string): Quantization[] {
  return [...new Set(text.split(','))].map((name) => {
    const known = QUANTIZATIONS.find((quantization) => quantization === name.trim());
    if (!known) throw new InvalidArgumentError(`expected ${QUANTIZATIONS.join(' or ')}, got '${name}'`);
    return known;
  });
}

/** Adds `lacuna export`. */
export function addExportCommand(program: Command, context: Context): void {
  program
    .command('export')
    .description('write a model for transformers, transformers.js and ONNX Runtime')
    .requiredOption('--model <dir>', 'the model directory')
    .requiredOption('--out <dir>', 'the directory to write')
    .addOption(new Option('--format <format>', 'what to write').choices(['hf', 'onnx']).makeOptionMandatory())
    .addOption(new Option('--task <task>', "the exported model's task").choices([...EXPORT_TASKS]))
    .option('--quantize <kinds>', 'further ONNX files: int8, fp16 or both', quantizationsValue)
    .option(
      '--external-above <mebibytes>',
      'size of weights above which they get a file of their own',
      integerBetween(0, 1536),
    )
    .option('--overwrite', 'replace the model that --out already holds')
    .option('--json', 'print one JSON value on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async ({ json, externalAbove, ...flags }: ExportFlags) => {
      if (flags.quantize && flags.format === 'hf') {
        throw new UsageError('--quantize is for ONNX files; give --format onnx');
      }
      if (externalAbove !== undefined && flags.format === 'hf') {
        throw new UsageError('--external-above is for ONNX files; give --format onnx');
      }
      const api = await context.loadApi();
      const external = externalAbove === undefined ? {} : { externalAboveBytes: externalAbove * MIB };
      const result = await api.exportModel({ ...flags, ...external });
      if (json) printJson(context.terminal.stdout, result);
      else printExport(context.terminal.stdout, result);
    });
}

function printExport(output: Output, { modelDir, architecture, task, onnxFiles }: ExportModelResult): void {
  if (onnxFiles.length > 0) {
    const rows = onnxFiles.map(({ path, weights, sizeBytes, isExternal }) => [
      path,
      weights,
      `${(sizeBytes / 1e6).toFixed(1)} MB`,
      isExternal ? 'weights beside it' : '',
    ]);
    for (const line of formatTable([['file', 'weights', 'size', ''], ...rows])) writeLine(output, line);
  }
  writeLine(output, `${architecture} for ${task} written to ${modelDir}`);
}
