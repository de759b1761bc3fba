import { cpus } from 'node:os';
import { basename, resolve } from 'node:path';
import { encodeNgramCounts } from '../baselines/index.js';
import {
  LACUNA_JSON_VERSION,
  type LacunaJson,
  lacunaVersion,
  modelCard,
  type OverwriteOptions,
  saveModelDirectory,
} from '../hub/index.js';
import type { Masker } from '../masking/index.js';
import type { LanguageModel } from '../model/index.js';
import { runtimeVersion } from '../runtime/index.js';
import type { Budget, TrainingOutcome } from '../train/index.js';
import { BASELINES_FILE } from './evaluate.js';
import { MASKING_STATE_FILE, maskingRecord, maskingStateFile } from './masking.js';
import type { PreparedCorpus } from './prepare.js';
import type { TrainResult } from './types.js';

/** What a trained model is made of, beside its result. */
export interface TrainedParts {
  readonly corpus: PreparedCorpus;
  readonly model: LanguageModel;
  readonly masker: Masker;
  readonly outcome: TrainingOutcome;
  readonly budget: Budget;
  readonly threads: number;
  readonly target: OverwriteOptions;
  /** The model that training went on from, if any. */
  readonly startedFrom: LacunaJson['startedFrom'];
}

/** Writes the model directory of a finished or interrupted run. */
export async function saveTrained(result: TrainResult, parts: TrainedParts): Promise<void> {
  const { corpus, model, masker, outcome, target } = parts;
  const estimates = maskingStateFile(masker);
  const lacuna = lacunaJson(result, parts);
  await saveModelDirectory(
    result.modelDir,
    {
      config: model.toHuggingFace(),
      weights: outcome.parameters,
      tokenizer: corpus.tokenizer,
      lacuna,
      card: modelCard({
        name: basename(resolve(result.modelDir)),
        modelType: model.modelType,
        isLacunasOwn: model.isLacunasOwn,
        maskToken: corpus.tokenizer.idToToken(corpus.tokenizer.special.mask) ?? '[MASK]',
        lacuna,
      }),
      extra: new Map([
        [BASELINES_FILE, encodeNgramCounts(corpus.counts)],
        ...(estimates ? [[MASKING_STATE_FILE, estimates] as const] : []),
      ]),
    },
    target,
  );
}

function lacunaJson(
  result: TrainResult,
  { corpus, masker, outcome, budget, threads, startedFrom }: TrainedParts,
): LacunaJson {
  const processors = cpus();
  return {
    formatVersion: LACUNA_JSON_VERSION,
    lacunaVersion: lacunaVersion(),
    createdAt: new Date().toISOString(),
    data: corpus.facts,
    masking: maskingRecord(masker),
    training: {
      seed: result.seed,
      budgetMs: 'ms' in budget ? budget.ms : null,
      steps: result.steps,
      plan: [...outcome.plan],
      tokens: result.tokens,
      trainMs: result.trainMs,
      interrupted: result.interrupted,
      batchSize: result.config.batchSize,
      sequenceLength: result.config.sequenceLength,
      learningRate: result.config.learningRate,
    },
    model: { parameters: result.parameters },
    ...(startedFrom ? { startedFrom } : {}),
    heldOut: { ...result.heldOut, seed: result.seed },
    versions: { node: process.version, onnxruntime: runtimeVersion() },
    machine: { cpu: processors[0]?.model ?? 'unknown', cores: processors.length, threads },
  };
}
