import { basename, resolve } from 'node:path';
import { ConfigError } from '../core/index.js';
import {
  assertWritableTarget,
  draftInference,
  type ExportTask,
  exactTables,
  exportCard,
  type FileContent,
  modelForTask,
  type OnnxFile,
  onnxFiles,
  openCheckpoint,
  preciseWeights,
  type Quantization,
  saveModelDirectory,
  transformersJsConfig,
} from '../hub/index.js';
import type { LanguageModel, ParameterValue, ParameterValues } from '../model/index.js';
import { BASELINES_FILE } from './evaluate.js';

/** Options of `exportModel`. */
export interface ExportModelOptions {
  /** The model directory to export. */
  readonly model: string;
  /** The directory to write. */
  readonly out: string;
  /** `hf`: what transformers opens; `onnx`: that, and ONNX files for transformers.js and ONNX Runtime. */
  readonly format: 'hf' | 'onnx';
  /** What the exported model is for; what it was trained for unless told. */
  readonly task?: ExportTask;
  /** Further ONNX files with smaller weights. */
  readonly quantize?: readonly Quantization[];
  /** Size of the weights above which they lie beside their ONNX file; 1.5 GiB unless told. */
  readonly externalAboveBytes?: number;
  readonly overwrite?: boolean;
}

/** What was written. */
export interface ExportModelResult {
  readonly modelDir: string;
  readonly task: ExportTask;
  /** transformers' class that opens it. */
  readonly architecture: string;
  readonly onnxFiles: readonly OnnxFile[];
}

/**
 * Writes a model directory that other software opens: transformers in Python, and with `onnx` transformers.js and ONNX
 * Runtime. Throws a ConfigError when the model lacks the head for the task.
 */
export async function exportModel(options: ExportModelOptions): Promise<ExportModelResult> {
  const target = { overwrite: options.overwrite ?? false };
  await assertWritableTarget(options.out, target);
  const { opened, model: whole, parameters } = await openCheckpoint(options.model);
  const model = modelForTask(whole, options.task, options.model);
  if (model.isLacunasOwn && options.format === 'hf') {
    throw new ConfigError(
      `${options.model}: transformers has no model of the type ${model.modelType}: export it with --format onnx`,
    );
  }
  const task = model.task as ExportTask;
  const weights = weightsOf(model, parameters);
  const { files, contents } =
    options.format === 'onnx'
      ? onnxFiles(draftInference(model, weights), {
          quantizations: options.quantize ?? [],
          precise: preciseWeights(model),
          exact: exactTables(model),
          externalAboveBytes: options.externalAboveBytes,
        })
      : { files: [], contents: new Map<string, FileContent>() };
  const config = { ...model.toHuggingFace(), ...transformersJsConfig(files) };
  const architecture = String((config as { architectures?: readonly string[] }).architectures?.[0]);
  const baselines = await opened.extra(BASELINES_FILE);
  await saveModelDirectory(
    options.out,
    {
      config,
      weights,
      tokenizer: opened.tokenizer,
      lacuna: opened.lacuna,
      card: exportCard({
        name: basename(resolve(options.out)),
        modelType: model.modelType,
        isLacunasOwn: model.isLacunasOwn,
        task,
        architecture,
        maskToken: opened.tokenizer.idToToken(opened.tokenizer.special.mask) ?? '[MASK]',
        labels: model.labels,
        onnxFiles: files,
        lacuna: opened.lacuna,
      }),
      extra: new Map([...contents, ...(baselines ? [[BASELINES_FILE, baselines] as const] : [])]),
    },
    target,
  );
  return { modelDir: options.out, task, architecture, onnxFiles: files };
}

/** The weights that the model's task needs, in the order of its forward pass. */
function weightsOf(model: LanguageModel, weights: ParameterValues): Map<string, ParameterValue> {
  return new Map(model.parameters.map(({ name }) => [name, weights.get(name) as ParameterValue]));
}
