import { basename, resolve } from 'node:path';
import { ConfigError, LacunaError } from '../core/index.js';
import type { LabelledSequence } from '../data/index.js';
import {
  assertWritableTarget,
  type ExportTask,
  exportCard,
  type OpenedCheckpoint,
  openCheckpoint,
  saveModelDirectory,
} from '../hub/index.js';
import { LabelPredictor } from '../infer/index.js';
import { initialParameters, type LanguageModel, type ParameterValues } from '../model/index.js';
import { Engine } from '../runtime/index.js';
import { runTuning, type TuningOutcome } from '../train/index.js';
import { tuneResults } from './tune-card.js';
import { classificationData, type TuneData, taggingData } from './tune-tasks.js';
import type { TuneOptions, TuneResult, TuneScores } from './tune-types.js';
import { TUNE_TASKS, tokensToRead, tunedModel } from './tuned-model.js';
import { joinWide, type TunedClassifier } from './wide-classifier.js';

/** File of a tuned model's directory that says how it was tuned and how well it does. */
export const TUNING_FILE = 'tuning.json';

/** Values that suit models of a few million parameters, pretrained for minutes. */
const DEFAULTS = { epochs: 8, patience: 2, budgetMs: 240_000, learningRate: 1e-3, seed: 0 } as const;

/** Share of tokens hidden in training; a hidden word's tag could be guessed only (docs/experiments/fine-tuning.md). */
const TOKEN_DROPOUT = { text: 0.3, token: 0 } as const;

/** A fresh head on a body that stands still can move faster. */
const FROZEN_LEARNING_RATE = 5e-3;

const OPTIMIZER = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.01 } as const;

/** Tokens in a batch: most, and fewest where the examples are few. */
const BATCH_TOKENS = { most: 1024, fewest: 128 } as const;

/** Batches that an epoch should have: with fewer, few examples would end before the head has learned anything. */
const BATCHES_IN_EPOCH = 32;

/**
 * Fine-tunes a model to classify texts or tag words: four fifths of the groups to learn from, a tenth to stop by, a
 * tenth to report on, beside baselines. Writes a model directory that transformers opens. Throws a LacunaError that says
 * where, what was expected and what to do.
 */
export async function tune(options: TuneOptions): Promise<TuneResult> {
  const started = performance.now();
  if (options.wide && options.task !== 'classify')
    throw new ConfigError('a linear model goes beside a text classifier only: expected the task classify');
  const target = { overwrite: options.overwrite ?? false };
  await assertWritableTarget(options.out, target);
  const checkpoint = await openCheckpoint(options.from);
  const { opened, model: base } = checkpoint;
  options.onEvent?.({ type: 'stage', detail: `reading ${options.data}` });
  const read = options.task === 'classify' ? classificationData : taggingData;
  const data = await read(options.data, opened.tokenizer, tokensToRead(base, options));
  if (data.unseen.length > 0) options.onEvent?.({ type: 'notice', detail: noticeOfUnseen(data.unseen) });
  const sequences = [data.train, data.validation, data.test].flatMap((part) => part.sequences);
  const model = tunedModel(base, options, data.labels, sequences);
  const engine = new Engine(options.threads === undefined ? {} : { threads: options.threads });
  try {
    const { outcome, test, joined } = await tuneModel({ engine, model, checkpoint, data, options });
    options.onEvent?.({ type: 'stage', detail: 'baselines' });
    const seed = options.seed ?? DEFAULTS.seed;
    const result: TuneResult = {
      modelDir: options.out,
      task: options.task,
      labels: data.labels,
      examples: { train: data.train.count, validation: data.validation.count, test: data.test.count },
      epochs: outcome.epochs,
      bestEpoch: outcome.bestEpoch,
      steps: outcome.steps,
      trainMs: outcome.elapsedMs,
      totalMs: performance.now() - started,
      seed,
      freezeBody: options.freezeBody ?? false,
      test: joined?.test ?? test,
      ...(joined ? { networkAlone: test } : {}),
      baselines: data.baselines(seed),
    };
    const saved = joined ?? { model, parameters: outcome.parameters };
    await save({ ...saved, opened, result, target });
    return result;
  } finally {
    await engine.close();
  }
}

const SHOWN_LABELS = 5;

function noticeOfUnseen(labels: readonly string[]): string {
  const names = labels.slice(0, SHOWN_LABELS).map((label) => `'${label}'`);
  const more = labels.length > SHOWN_LABELS ? `, and ${labels.length - SHOWN_LABELS} more` : '';
  return `nothing is learned of labels that only the parts to stop by and to measure have: ${names.join(', ')}${more}`;
}

interface Tuning {
  readonly engine: Engine;
  readonly model: LanguageModel;
  readonly checkpoint: OpenedCheckpoint;
  readonly data: TuneData;
  readonly options: TuneOptions;
}

async function tuneModel({ engine, model, checkpoint, data, options }: Tuning): Promise<{
  readonly outcome: TuningOutcome;
  readonly test: TuneScores;
  readonly joined?: TunedClassifier & { readonly test: TuneScores };
}> {
  const freezesBody = options.freezeBody ?? false;
  const seed = options.seed ?? DEFAULTS.seed;
  const batches = {
    labelsEach: data.labelsEach,
    padId: checkpoint.opened.tokenizer.special.pad,
    batchTokens: batchTokensFor(data.train.sequences),
    maxTokens: model.maxTokens,
  };
  const { mask: maskId } = checkpoint.opened.tokenizer.special;
  const rate = options.tokenDropout ?? TOKEN_DROPOUT[data.labelsEach];
  const predictor = new LabelPredictor(engine, model, batches);
  const outcome = await runTuning({
    engine,
    model,
    initial: startingValues(model, checkpoint, seed),
    sequences: data.train.sequences,
    batches: rate > 0 ? { ...batches, tokenDropout: { rate, maskId } } : batches,
    optimizer: OPTIMIZER,
    maxGradientNorm: 1,
    freezesBody,
    learningRate: options.learningRate ?? (freezesBody ? FROZEN_LEARNING_RATE : DEFAULTS.learningRate),
    epochs: options.epochs ?? DEFAULTS.epochs,
    patience: options.patience ?? DEFAULTS.patience,
    budgetMs: options.budgetMs ?? DEFAULTS.budgetMs,
    seed,
    validate: async (parameters) => {
      const { validation } = data;
      return validation.score(await predictor.predict(parameters, validation.sequences)).accuracy;
    },
    onEpoch: (report) => options.onEvent?.({ type: 'epoch', ...report }),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  if (outcome.bestEpoch === 0)
    throw new LacunaError('interrupted', 'interrupted before the first epoch: nothing saved');
  const test = data.test.score(await predictor.predict(outcome.parameters, data.test.sequences));
  if (!options.wide) {
    await predictor.release();
    return { outcome, test };
  }
  options.onEvent?.({ type: 'stage', detail: 'a linear model beside the network' });
  await predictor.release();
  const joined = joinWide({ model, parameters: outcome.parameters }, data.train.sequences, seed);
  const both = new LabelPredictor(engine, joined.model, batches);
  const rows = await both.predict(joined.parameters, data.test.sequences);
  await both.release();
  return { outcome, test, joined: { ...joined, test: data.test.score(rows) } };
}

/** Tokens in a batch, so that an epoch of these sequences has enough batches: a power of two. */
function batchTokensFor(sequences: readonly LabelledSequence[]): number {
  const tokens = sequences.reduce((sum, { inputIds }) => sum + inputIds.length, 0);
  const wanted = 2 ** Math.round(Math.log2(Math.max(1, tokens / BATCHES_IN_EPOCH)));
  return Math.min(BATCH_TOKENS.most, Math.max(BATCH_TOKENS.fewest, wanted));
}

/** Weights of the opened model where it has them, the shared layers of its head included; fresh ones elsewhere. */
function startingValues(
  model: LanguageModel,
  { parameters }: OpenedCheckpoint,
  seed: number,
): ParameterValues {
  const fresh = initialParameters(model, { seed });
  return new Map([...fresh].map(([name, value]) => [name, parameters.get(name) ?? value]));
}

interface Saving {
  readonly model: LanguageModel;
  readonly opened: OpenedCheckpoint['opened'];
  readonly parameters: ParameterValues;
  readonly result: TuneResult;
  readonly target: { readonly overwrite: boolean };
}

async function save({ model, opened, parameters, result, target }: Saving): Promise<void> {
  const config = model.toHuggingFace();
  const { architectures } = config as { architectures?: readonly string[] };
  const { tokenizer, lacuna } = opened;
  const card = exportCard({
    name: basename(resolve(result.modelDir)),
    modelType: model.modelType,
    isLacunasOwn: model.isLacunasOwn,
    task: TUNE_TASKS[result.task] satisfies ExportTask,
    architecture: String(architectures?.[0]),
    maskToken: tokenizer.idToToken(tokenizer.special.mask) ?? '[MASK]',
    labels: model.labels,
    onnxFiles: [],
    tuned: tuneResults(result),
  });
  const { modelDir: _, ...figures } = result;
  const tuning = new TextEncoder().encode(`${JSON.stringify({ formatVersion: 1, ...figures }, null, 2)}\n`);
  const extra = new Map([[TUNING_FILE, tuning]]);
  await saveModelDirectory(
    result.modelDir,
    { config, weights: parameters, tokenizer, lacuna, card, extra },
    target,
  );
}
