import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../core/index.js';
import type { LabelledSequence } from '../data/index.js';
import { MODEL_FILES } from '../hub/index.js';
import { type LanguageModel, parameterCount, readModel } from '../model/index.js';
import type { TuneOptions } from './tune-types.js';

export const TUNE_TASKS = { classify: 'text-classification', tag: 'token-classification' } as const;

/** How many times the tokens that it was trained on a model reads of a text, where its positions are rotary: docs/experiments/fine-tuning.md. */
const TEXT_STRETCH = 2;

const lengthSchema = z.looseObject({ max_position_embeddings: z.int() });

/** A model like another that reads so many tokens, or undefined where its positions are a table of another length. */
function readingTokens(model: LanguageModel, tokens: number, where: string): LanguageModel | undefined {
  const config = lengthSchema.parse(model.toHuggingFace());
  const max_position_embeddings = config.max_position_embeddings + tokens - model.maxTokens;
  const other = readModel({ ...config, max_position_embeddings }, where);
  return parameterCount(other.parameters) === parameterCount(model.parameters) ? other : undefined;
}

/** The most tokens to read of a text or a piece of a sentence. Throws a ConfigError for a length that the model cannot have. */
export function tokensToRead(base: LanguageModel, { task, from, sequenceLength }: TuneOptions): number {
  const where = join(from, MODEL_FILES.config);
  const body = base.withTask('feature-extraction');
  if (sequenceLength === undefined) {
    const most = task === 'classify' ? TEXT_STRETCH * base.maxTokens : base.maxTokens;
    return readingTokens(body, most, where) ? most : base.maxTokens;
  }
  if (readingTokens(body, sequenceLength, where)) return sequenceLength;
  throw new ConfigError(
    `${where}: its positions are a table for ${base.maxTokens} tokens: expected no other sequence length, got ${sequenceLength}`,
  );
}

/**
 * The model with a fresh head, which reads what it was told to, or else the longest of the sequences and what it read before;
 * ModernBERT's pools by the mean, which needs no training to say something of a text.
 */
export function tunedModel(
  base: LanguageModel,
  { task, from, sequenceLength }: TuneOptions,
  labels: readonly string[],
  sequences: readonly LabelledSequence[],
): LanguageModel {
  const where = join(from, MODEL_FILES.config);
  const config = base.withTask(TUNE_TASKS[task], labels).toHuggingFace();
  const pooling = 'classifier_pooling' in config ? { classifier_pooling: 'mean' } : {};
  const model = readModel({ ...config, ...pooling }, where);
  const longest = sequences.reduce((most, { inputIds }) => Math.max(most, inputIds.length), base.maxTokens);
  return readingTokens(model, sequenceLength ?? longest, where) ?? model;
}
