import { ConfigError } from '../core/index.js';
import { sampleRows } from '../data/index.js';
import type { LacunaJson } from '../hub/index.js';
import {
  Masker,
  type MaskingConfig,
  type MaskingVocabulary,
  needsWords,
  readMaskingConfig,
} from '../masking/index.js';
import type { Tokenizer } from '../tokenize/index.js';
import { type Budget, defaultRecipe } from '../train/index.js';
import { maskingVocabulary } from './held-out.js';
import type { PreparedCorpus, PrepareOptions } from './prepare.js';
import type { TrainOptions } from './types.js';

/** File of a model directory with the token estimates by which the last steps were masked. */
export const MASKING_STATE_FILE = 'masking-state.json';

/** Strategies that collect from the training rows collect from that many tokens at most. */
const MOST_COLLECTED_TOKENS = 2 ** 23;

/** How a run masks, after defaults; throws a ConfigError for what cannot work. */
export function maskingConfigOf(
  options: Pick<TrainOptions, 'masking' | 'maskRate' | 'maskingOptions'>,
): MaskingConfig {
  const { masking, maskRate = defaultRecipe.maskRate, maskingOptions } = options;
  return readMaskingConfig({ strategy: masking, rate: maskRate, options: maskingOptions });
}

/** Whether a run masks uniformly at a constant rate, as BERT does: then its recipe says all about it. */
export function isPlainMasking(config: MaskingConfig, rate: number): boolean {
  return JSON.stringify(config) === JSON.stringify(readMaskingConfig({ rate }));
}

/** What masking asks of the preparation of a corpus. */
export function maskingNeeds(config: MaskingConfig): Pick<PrepareOptions, 'words'> {
  return { words: needsWords(config) };
}

/** The masker of a run over a prepared corpus. */
export function createMasker(config: MaskingConfig, corpus: PreparedCorpus, budget: Budget): Masker {
  return new Masker(config, {
    vocabulary: vocabularyFor(config, corpus.tokenizer),
    unigramCounts: corpus.counts.unigrams,
    rows: () => sampleRows(corpus.train, MOST_COLLECTED_TOKENS),
    totalSteps: totalStepsOf(budget),
  });
}

/** The vocabulary of a tokenizer with the tokens that are never masked; a ConfigError names one that it lacks. */
export function vocabularyFor({ neverMask }: MaskingConfig, tokenizer: Tokenizer): MaskingVocabulary {
  const neverMaskIds = neverMask.map((token) => {
    const id = tokenizer.tokenToId(token);
    if (id === undefined) throw new ConfigError(`neverMask: the vocabulary has no token '${token}'`);
    return id;
  });
  return { ...maskingVocabulary(tokenizer), neverMaskIds };
}

function totalStepsOf(budget: Budget): number | undefined {
  if ('steps' in budget) return budget.steps;
  return 'plan' in budget ? budget.plan.at(-1)?.totalSteps : undefined;
}

/** What lacuna.json says about masking. */
export function maskingRecord(masker: Masker): LacunaJson['masking'] {
  const { rate, maskShare, randomShare, keepShare } = masker.policyAt(0);
  return {
    policy: masker.config.strategy.name,
    rate,
    replacedByMask: maskShare,
    replacedByRandom: randomShare,
    kept: keepShare,
    config: { ...masker.config },
  };
}

/** The recorded estimates as JSON; undefined where masking does not watch the model. */
export function maskingStateFile(masker: Masker): Uint8Array | undefined {
  if (!masker.probe) return undefined;
  return new TextEncoder().encode(`${JSON.stringify(masker.state())}\n`);
}
