import { basename, join, resolve } from 'node:path';
import { ConfigError } from '../core/index.js';
import { MODEL_FILES, openCheckpoint } from '../hub/index.js';
import { extendParameters, type LanguageModel, type ParameterValues } from '../model/index.js';
import { type AddedWord, extendVocabulary, type Tokenizer } from '../tokenize/index.js';
import type { CorpusSource } from './corpus-source.js';
import type { TrainEvent, TrainOptions } from './types.js';

/** A model from which training goes on. */
export interface StartingPoint {
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
  readonly initial: ParameterValues;
  /** For the trained model's records. */
  readonly origin: { readonly name: string; readonly newTokens: number };
}

/** A quarter of the rate from nothing: what was learned is to be kept. */
const LEARNING_RATE = 1e-3;

/** The model to go on from, or undefined when training begins from nothing. Throws a ConfigError that names the option. */
export async function openStartingPoint({
  from,
  extendVocab,
}: TrainOptions): Promise<StartingPoint | undefined> {
  if (from === undefined) {
    if (extendVocab !== undefined)
      throw new ConfigError('--extend-vocab needs a model to extend: give --from');
    return undefined;
  }
  const { opened, model, parameters } = await openCheckpoint(from);
  if (model.task !== 'fill-mask') {
    const where = join(from, MODEL_FILES.config);
    throw new ConfigError(`${where}: expected a model for fill-mask, got one for ${model.task}`);
  }
  if (model.knowsCounts) {
    throw new ConfigError(
      `'${from}' cannot be gone on from: a ${model.modelType} model is tied to the counts of the text it was trained on; train one on all of the text instead`,
    );
  }
  const origin = { name: basename(resolve(from)), newTokens: 0 };
  return { model, tokenizer: opened.tokenizer, initial: parameters, origin };
}

/** The options of a run that goes on from a model: its sizes are the model's. Throws a ConfigError when others are asked for. */
export function continuedOptions(options: TrainOptions, start: StartingPoint): TrainOptions {
  const { config, maxTokens } = start.model;
  const sizes = {
    layers: config.numHiddenLayers,
    hidden: config.hiddenSize,
    heads: config.numAttentionHeads,
    feedForward: config.intermediateSize,
    vocabSize: start.tokenizer.vocabSize,
    family: start.model.modelType,
  };
  for (const key of ['layers', 'hidden', 'heads', 'feedForward', 'vocabSize', 'family', 'preset'] as const) {
    const wanted = options[key];
    if (wanted === undefined || (key !== 'preset' && wanted === sizes[key])) continue;
    throw new ConfigError(`${key} ${wanted} cannot be chosen when training goes on from '${options.from}'`);
  }
  const sequenceLength = options.sequenceLength ?? Math.min(maxTokens, 128);
  if (sequenceLength > maxTokens) {
    throw new ConfigError(
      `sequences of ${sequenceLength} tokens: the model of '${options.from}' reads ${maxTokens}`,
    );
  }
  // The optimizer of the model's own training is not known; AdamW's steps are the smaller change.
  const { learningRate = LEARNING_RATE, optimizer = 'adamw' } = options;
  return { ...options, ...sizes, sequenceLength, learningRate, optimizer };
}

/** The starting point with the words of the training split that save the most tokens as tokens of their own. */
export async function withExtendedVocabulary(
  start: StartingPoint,
  source: CorpusSource,
  { extendVocab }: TrainOptions,
  report: (event: TrainEvent) => void,
): Promise<StartingPoint> {
  if (extendVocab === undefined) return start;
  const texts: string[] = [];
  for await (const text of source.texts()) texts.push(text);
  const { tokenizer, added, counts } = extendVocabulary(start.tokenizer, texts, extendVocab);
  report({ type: 'stage', stage: 'tokenizer', detail: describeWords(tokenizer, added) });
  const model = start.model.withVocabSize(Math.max(tokenizer.vocabSize, start.model.config.vocabSize));
  const newTokens = tokenizer.vocabSize - start.tokenizer.vocabSize;
  const origin = { ...start.origin, newTokens };
  return { model, tokenizer, initial: extendParameters(model, start.initial, added, counts), origin };
}

function describeWords(tokenizer: Tokenizer, added: readonly AddedWord[]): string {
  const words = added.slice(0, 6).map(({ id }) => tokenizer.decode([id]).trim());
  return `${added.length} words become tokens: ${words.join(', ')}${added.length > words.length ? ', ...' : ''}`;
}
