import { join } from 'node:path';
import { FormatError } from '../core/index.js';
import { type LanguageModel, type ParameterValues, readModel, type Task } from '../model/index.js';
import { type FittedWeights, fitWeights } from './fit-weights.js';
import { type OpenedModel, openModelDirectory } from './open.js';
import { MODEL_FILES } from './save.js';

/** A checkpoint as a model of one of Lacuna's families. */
export interface OpenedCheckpoint {
  readonly opened: OpenedModel;
  readonly model: LanguageModel;
  /** Every parameter of the model. */
  readonly parameters: ParameterValues;
  /** Tensors of the checkpoint that the model has no use for. */
  readonly unexpected: readonly string[];
}

/** A checkpoint whose head may be missing. */
export interface OpenedBody extends Omit<OpenedCheckpoint, 'parameters'> {
  /** The parameters that the checkpoint holds: all of the body. */
  readonly parameters: ParameterValues;
  /** Parameters of the head that the checkpoint does not hold. */
  readonly missing: readonly string[];
}

/** Which head is wanted; the one that config.json names unless told. */
export interface WantedHead {
  readonly task: Task;
  readonly labels?: readonly string[];
}

/**
 * Opens a directory as a model, and lists what of the head is missing. Without `wanted`, a checkpoint that turns out to
 * hold no head at all is one for feature extraction. Throws a FormatError for what of the body is missing, and for
 * shapes that differ, naming both.
 */
export async function openBody(dir: string, wanted?: WantedHead): Promise<OpenedBody> {
  const opened = await openModelDirectory(dir);
  const where = join(dir, MODEL_FILES.config);
  const read = readModel(opened.config, where);
  const first = wanted ? read.withTask(wanted.task, wanted.labels) : withForeignHead(read, opened, dir);
  const { model, fitted } = untieWhereTold(first, opened, dir);
  const isMissing = (name: string) => fitted.missing.includes(name);
  const bodyMissing = model.body.map(({ name }) => name).filter(isMissing);
  if (bodyMissing.length > 0) {
    throw new FormatError(
      `${dir}: expected a tensor '${bodyMissing[0]}' of a ${model.modelType}, found none (${bodyMissing.length} are missing)`,
    );
  }
  checkVocabulary(opened, model);
  const hasNoHead = model.head.length > 0 && model.head.every(({ name }) => isMissing(name));
  if (hasNoHead && !wanted) {
    const body = model.withTask('feature-extraction');
    return { opened, model: body, ...listed(fitWeights(body, opened.weights, dir)) };
  }
  return { opened, model, ...listed(fitted) };
}

/** Opens a directory as a whole model; a FormatError lists what is missing. See `openBody`. */
export async function openCheckpoint(dir: string, wanted?: WantedHead): Promise<OpenedCheckpoint> {
  const { missing, ...checkpoint } = await openBody(dir, wanted);
  if (missing.length === 0) return checkpoint;
  throw new FormatError(
    `${dir}: no weights for ${missing.join(', ')}; the checkpoint's head for ${checkpoint.model.task} is not whole`,
  );
}

/** A class that transformers does not have counts as a masked language model where that head is whole, else as a body. */
function withForeignHead(model: LanguageModel, { config, weights }: OpenedModel, dir: string): LanguageModel {
  const isForeign = !sameFirst(config.architectures, model.toHuggingFace().architectures);
  if (model.task !== 'feature-extraction' || !isForeign) return model;
  const predicting = model.withTask('fill-mask');
  const { missing } = fitWeights(predicting, weights, dir);
  return predicting.head.some(({ name }) => missing.includes(name)) ? model : predicting;
}

const sameFirst = (a: unknown, b: unknown): boolean => Array.isArray(a) && Array.isArray(b) && a[0] === b[0];

function listed({ weights, missing, unexpected }: FittedWeights): {
  readonly parameters: ParameterValues;
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
} {
  return { parameters: weights, missing, unexpected };
}

/** A decoder that config.json calls tied, but whose weights are others than the embeddings', is its own, as in transformers. */
function untieWhereTold(
  model: LanguageModel,
  opened: OpenedModel,
  dir: string,
): { readonly model: LanguageModel; readonly fitted: FittedWeights } {
  const fitted = fitWeights(model, opened.weights, dir);
  if (fitted.untied.length === 0) return { model, fitted };
  const config = { ...opened.config, tie_word_embeddings: false };
  const untied = readModel(config, join(dir, MODEL_FILES.config)).withTask(model.task, model.labels);
  const again = fitWeights(untied, opened.weights, dir);
  return { model: untied, fitted: { ...again, unexpected: [...again.unexpected, ...again.untied] } };
}

function checkVocabulary({ directory, tokenizer }: OpenedModel, model: LanguageModel): void {
  if (tokenizer.vocabSize <= model.config.vocabSize) return;
  throw new FormatError(
    `${directory}: the tokenizer has ${tokenizer.vocabSize} tokens, but the model has ${model.config.vocabSize}`,
  );
}
