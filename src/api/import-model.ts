import { basename, resolve } from 'node:path';
import {
  assertWritableTarget,
  importCard,
  type OpenedBody,
  openBody,
  saveModelDirectory,
} from '../hub/index.js';
import { initialParameters, type ParameterValue, parameterCount, type Task } from '../model/index.js';

export interface ImportModelOptions {
  /** A directory in Hugging Face's layout. */
  readonly directory: string;
  /** The model directory to write. */
  readonly out: string;
  readonly overwrite?: boolean;
}

export interface ImportModelResult {
  readonly modelDir: string;
  readonly modelType: string;
  readonly task: Task;
  readonly parameters: number;
  /** Parameters of the head that the checkpoint does not hold; they were drawn at random. */
  readonly missing: readonly string[];
  /** Tensors of the checkpoint that the model has no use for; they were left out. */
  readonly unexpected: readonly string[];
}

/**
 * Converts a checkpoint to a model directory of Lacuna's: float32 safetensors under transformers' present names, and
 * tokenizer.json. Throws a FormatError for what is damaged, foreign or of another shape.
 */
export async function importModel(options: ImportModelOptions): Promise<ImportModelResult> {
  const target = { overwrite: options.overwrite ?? false };
  await assertWritableTarget(options.out, target);
  const checkpoint = await openBody(options.directory);
  const { opened, model, missing, unexpected } = checkpoint;
  await saveModelDirectory(
    options.out,
    {
      config: model.toHuggingFace(),
      weights: wholeWeights(checkpoint),
      tokenizer: opened.tokenizer,
      lacuna: opened.lacuna,
      card: importCard({
        name: basename(resolve(options.out)),
        modelType: model.modelType,
        task: model.task,
        source: basename(resolve(options.directory)),
      }),
    },
    target,
  );
  return {
    modelDir: options.out,
    modelType: model.modelType,
    task: model.task,
    parameters: parameterCount(model.parameters),
    missing,
    unexpected,
  };
}

/** The checkpoint's weights in the order of the forward pass, with fresh ones for what of the head is missing. */
function wholeWeights({ model, parameters, missing }: OpenedBody): Map<string, ParameterValue> {
  const fresh =
    missing.length > 0 ? initialParameters(model, { seed: 0 }) : new Map<string, ParameterValue>();
  return new Map(
    model.parameters.map(({ name }) => [name, (parameters.get(name) ?? fresh.get(name)) as ParameterValue]),
  );
}
