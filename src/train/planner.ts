import { muonFlops } from '../graph/index.js';
import { MUON_MOMENTUM, type OptimizerName, type Recipe } from './recipe.js';

/** What a plan follows from. */
export interface PlanningFacts {
  readonly budgetMs: number;
  /** Floating-point operations of training that this machine does in a second. */
  readonly flopsPerSecond: number;
  /** UTF-8 bytes of the training split. */
  readonly trainBytes: number;
}

/** What a plan decides. */
export type PlannedChoices = Pick<
  Recipe,
  | 'layers'
  | 'hidden'
  | 'heads'
  | 'feedForward'
  | 'vocabSize'
  | 'sequenceLength'
  | 'batchSize'
  | 'maskRate'
  | 'muon'
  | 'schedule'
>;

/** What the caller has fixed: a plan works around it. */
export type FixedChoices = Partial<Omit<PlannedChoices, 'schedule' | 'muon'>> & {
  readonly learningRate?: number;
  readonly optimizer?: OptimizerName;
};

/** A plan for a budget, with its reasons. */
export interface TrainingPlan {
  readonly choices: PlannedChoices;
  /** Tokens that the budget is expected to see, and trainable values. */
  readonly tokens: number;
  readonly parameters: number;
  /** One line for each choice that is not obvious. */
  readonly reasons: readonly string[];
}

/** Widths with depths that pay for them, smallest first: what a budget is tried on. */
const LADDER = [
  { layers: 2, hidden: 64 },
  { layers: 2, hidden: 96 },
  { layers: 2, hidden: 128 },
  { layers: 3, hidden: 192 },
  { layers: 4, hidden: 256 },
  { layers: 6, hidden: 384 },
  { layers: 8, hidden: 512 },
  { layers: 12, hidden: 768 },
] as const;

/**
 * Tokens that training must see for each parameter of the model that it pays for. Half of what is optimal from a random
 * start (about 10, Karpathy's nanochat), because count initialisation starts the embeddings well: docs/log.md.
 */
const TOKENS_PER_PARAMETER = 4;

/** Bytes of text for each entry of the vocabulary, below which an entry is too rare to be learned. */
const BYTES_PER_ENTRY = 500;
const VOCABULARIES = [512, 1024, 2048, 4096, 8192, 16_384] as const;

/** Muon is chosen where it costs at most this share of a step's other operations (decision 9). */
const MUON_SHARE = 1 / 8;

/** Operations from which on a vocabulary beyond 4096 pays for its larger head. */
const LARGE_VOCABULARY_FLOPS = 2e15;

/** The recipe's learning rate was found at this width and batch; it goes with the inverse root of the width. */
const REFERENCE = { hidden: 128, batchTokens: 2048, peak: 4e-3 };

const SEQUENCE_LENGTH = 128;
const MASK_RATE = 0.3;

/**
 * Tokens of an optimizer step by tokens of the whole run: more data, less noise wanted in a step. Measured between the first two:
 * docs/log.md, 2026-11-28.
 */
const BATCHES = [
  { upTo: 1e7, batchTokens: 2048 },
  { upTo: 1.5e8, batchTokens: 4096 },
  { upTo: Number.POSITIVE_INFINITY, batchTokens: 8192 },
] as const;

/**
 * Plans a training for a time on a machine and a corpus: the largest model for which the budget still sees enough tokens,
 * a vocabulary that the corpus can teach, and batch and learning rate to match. A pure function of the facts.
 */
export function planTraining(facts: PlanningFacts, fixed: FixedChoices, warmupSteps: number): TrainingPlan {
  const flops = (facts.flopsPerSecond * facts.budgetMs) / 1000;
  const vocabSize = fixed.vocabSize ?? plannedVocabulary(facts.trainBytes, flops);
  const sequenceLength = fixed.sequenceLength ?? SEQUENCE_LENGTH;
  const maskRate = fixed.maskRate ?? MASK_RATE;
  const candidates = LADDER.map((rung) => sized(rung, fixed, { vocabSize, sequenceLength, maskRate, flops }));
  const affordable = candidates.filter(
    ({ tokens, parameters }) => tokens >= TOKENS_PER_PARAMETER * parameters,
  );
  const chosen = affordable.at(-1) ?? (candidates[0] as Sized);
  const batchTokens = BATCHES.find(({ upTo }) => chosen.tokens <= upTo)?.batchTokens ?? 2048;
  const batchSize = fixed.batchSize ?? Math.max(1, Math.round(batchTokens / sequenceLength));
  const peak = fixed.learningRate ?? plannedPeak(chosen.hidden, batchSize * sequenceLength);
  const muonShare = muonPerStep(chosen) / (chosen.perToken * batchSize * sequenceLength);
  const optimizer = fixed.optimizer ?? (muonShare <= MUON_SHARE ? 'muon' : 'adamw');
  const choices: PlannedChoices = {
    layers: chosen.layers,
    hidden: chosen.hidden,
    heads: fixed.heads ?? defaultHeads(chosen.hidden),
    feedForward: chosen.feedForward,
    vocabSize,
    sequenceLength,
    batchSize,
    maskRate,
    ...(optimizer === 'muon' ? { muon: { momentum: MUON_MOMENTUM } } : {}),
    schedule: { peak, warmupSteps, decayShare: 0.5 },
  };
  const { tokens, parameters } = chosen;
  const planned = { choices, tokens, parameters };
  return {
    ...planned,
    reasons: reasonsFor(facts, flops, planned, { muonShare, isAsked: fixed.optimizer !== undefined }),
  };
}

interface Sized {
  readonly layers: number;
  readonly hidden: number;
  readonly feedForward: number;
  readonly tokens: number;
  readonly parameters: number;
  /** Operations of training for one token. */
  readonly perToken: number;
}

/** Operations of Muon in a step: four matrices of attention and three of the feed-forward layer in each layer. */
function muonPerStep({ layers, hidden, feedForward }: Sized): number {
  return layers * (4 * muonFlops([hidden, hidden]) + 3 * muonFlops([hidden, feedForward]));
}

/** A rung of the ladder with what the caller fixed, its parameters, and the tokens that the operations pay for. */
function sized(
  rung: { readonly layers: number; readonly hidden: number },
  fixed: FixedChoices,
  run: { vocabSize: number; sequenceLength: number; maskRate: number; flops: number },
): Sized {
  const hidden = fixed.hidden ?? rung.hidden;
  const layers = fixed.layers ?? rung.layers;
  const feedForward = fixed.feedForward ?? 2 * hidden;
  const block = 4 * hidden ** 2 + 3 * hidden * feedForward;
  const head = hidden ** 2 + hidden * run.vocabSize;
  // As stepFlops counts, for one token: of the last layer only keys and values are needed everywhere.
  const layer = block + 2 * run.sequenceLength * hidden;
  const keysAndValues = 2 * hidden ** 2;
  const everywhere = (layers - 1) * layer + keysAndValues;
  const perToken = 6 * (everywhere + run.maskRate * (layer - keysAndValues + head));
  return {
    layers,
    hidden,
    feedForward,
    tokens: run.flops / perToken,
    parameters: layers * block + head,
    perToken,
  };
}

/** The largest vocabulary that the corpus and the budget bear. */
function plannedVocabulary(trainBytes: number, flops: number): number {
  const most = flops >= LARGE_VOCABULARY_FLOPS ? 16_384 : 4096;
  const borne = VOCABULARIES.filter((size) => size <= most && size * BYTES_PER_ENTRY <= trainBytes);
  return borne.at(-1) ?? VOCABULARIES[0];
}

function plannedPeak(hidden: number, batchTokens: number): number {
  const width = Math.sqrt(REFERENCE.hidden / hidden);
  const batch = Math.sqrt(batchTokens / REFERENCE.batchTokens);
  return Number((REFERENCE.peak * width * Math.min(batch, 2)).toPrecision(2));
}

/** Heads of 64 channels where that divides the width, at least two. */
export function defaultHeads(hidden: number): number {
  return hidden % 64 === 0 ? Math.max(2, hidden / 64) : 2;
}

function reasonsFor(
  { budgetMs, flopsPerSecond, trainBytes }: PlanningFacts,
  flops: number,
  { choices, tokens, parameters }: Omit<TrainingPlan, 'reasons'>,
  { muonShare, isAsked }: { readonly muonShare: number; readonly isAsked: boolean },
): string[] {
  const millions = (value: number) => `${(value / 1e6).toPrecision(3)} M`;
  const { layers, hidden, vocabSize, batchSize, sequenceLength, schedule } = choices;
  return [
    `${(flopsPerSecond / 1e9).toFixed(0)} GFLOP/s for ${(budgetMs / 1000).toFixed(0)} s are ${flops.toPrecision(2)} operations`,
    `${layers} layers x ${hidden}: ${millions(parameters)} parameters see ${millions(tokens)} tokens, ${(tokens / parameters).toPrecision(2)} each (at least ${TOKENS_PER_PARAMETER} wanted)`,
    `vocabulary ${vocabSize.toLocaleString('en-US')}: ${millions(trainBytes)}B of text, at least ${BYTES_PER_ENTRY} bytes an entry`,
    `steps of ${batchSize} x ${sequenceLength} tokens at a peak learning rate of ${schedule.peak}, half of the time for its decay to zero`,
    ...(isAsked ? [] : [optimizerReason(choices.muon !== undefined, muonShare)]),
  ];
}

function optimizerReason(isMuon: boolean, share: number): string {
  const cost = `Muon costs ${(100 * share).toFixed(0)} % of a step's operations`;
  return isMuon
    ? `Muon for the hidden matrices: ${cost}`
    : `AdamW for all: ${cost}, more than ${100 * MUON_SHARE} %`;
}
