import { ConfigError } from '../core/index.js';
import { curriculumMasking } from './curriculum.js';
import { easyFirstMasking } from './easy-first.js';
import { entropyMasking } from './entropy.js';
import { frequencyBalancedMasking } from './frequency-balanced.js';
import {
  type MaskedSequence,
  type MaskingAddress,
  type MaskingVocabulary,
  maskSequence,
} from './mask-sequence.js';
import { changesOverTime, type MaskingConfig, policyAt } from './masking-config.js';
import { pmiMasking } from './pmi-spans.js';
import { collectPmiVocabulary } from './pmi-vocabulary.js';
import type { MaskingPolicy } from './policy.js';
import { spanMasking } from './span.js';
import type { MaskingStrategy } from './strategy.js';
import { type PlainStrategyConfig, partsOf } from './strategy-config.js';
import { surprisalMasking } from './surprisal.js';
import {
  type EstimateState,
  emptyEstimate,
  estimateOf,
  observe,
  type TokenObservations,
} from './token-estimate.js';
import { uniformMasking } from './uniform.js';
import { wholeWordMasking } from './whole-word.js';

/** What a masker knows of the corpus it masks. */
export interface MaskingGround {
  readonly vocabulary: MaskingVocabulary;
  /** How often each id occurs in the training rows. */
  readonly unigramCounts: ArrayLike<number>;
  /** The training rows, for strategies that collect from them. */
  readonly rows: () => Iterable<Int32Array>;
  /** Steps of the run, where they are known. */
  readonly totalSteps?: number | undefined;
}

/** Everything about masking that changes in a run, as plain data: the estimates that steps to come may use, oldest first. */
export interface MaskingState {
  readonly estimates: readonly EstimateState[];
}

/** Where a sequence is masked: its address in the run and the optimizer step. */
export interface StepAddress extends MaskingAddress {
  readonly step: number;
}

type EstimatingConfig = Extract<PlainStrategyConfig, { every: number }>;
const estimateFor = ({ prior }: EstimatingConfig, ground: MaskingGround, state: EstimateState) =>
  estimateOf(state, ground.unigramCounts, prior);

/** How each strategy is made: a name without a case does not compile. */
function build(config: PlainStrategyConfig, ground: MaskingGround, state: EstimateState): MaskingStrategy {
  switch (config.name) {
    case 'uniform':
      return uniformMasking;
    case 'whole-word':
      return wholeWordMasking;
    case 'span':
      return spanMasking(config);
    case 'pmi':
      return pmiMasking(collectPmiVocabulary(ground.rows(), ground.vocabulary.specialIds, config));
    case 'surprisal':
      return surprisalMasking(estimateFor(config, ground, state).surprisalNats, config.temperature);
    case 'entropy':
      return entropyMasking(estimateFor(config, ground, state).entropyNats, config.temperature);
    case 'easy-first':
      return easyFirstMasking(estimateFor(config, ground, state).surprisalNats, config.temperature);
    case 'frequency-balanced':
      return frequencyBalancedMasking(ground.unigramCounts, config.power);
  }
}

/**
 * Masks the sequences of a run: a pure function of configuration, corpus, address and, for strategies that watch the model,
 * the recorded estimates. An estimate made after step s counts from step s + `every` on, so that batches may be made ahead.
 */
export class Masker {
  private estimates: readonly EstimateState[];
  private readonly built = new Map<PlainStrategyConfig, { from: EstimateState; strategy: MaskingStrategy }>();

  /** Throws a ConfigError when masking changes over a run whose length is not known. */
  constructor(
    readonly config: MaskingConfig,
    private readonly ground: MaskingGround,
    state?: MaskingState,
  ) {
    this.estimates = [];
    this.restore(state);
    if (changesOverTime(config) && this.scheduleSteps === undefined) {
      throw new ConfigError(
        'masking that changes over the run needs its length: give a number of steps, or the masking option scheduleSteps',
      );
    }
  }

  /** Steps between probes of the model, and what a probe needs; undefined for strategies that do not watch it. */
  get probe(): { readonly every: number; readonly sequences: number; readonly decay: number } | undefined {
    return partsOf(this.config.strategy)
      .filter((part) => 'every' in part)
      .find(({ every }) => every > 0);
  }

  /** The policy of a step; with a range of rates `rate` is its mean. */
  policyAt(step: number): MaskingPolicy {
    return policyAt(this.config, this.progressAt(step));
  }

  /** Masks one sequence; `wordStarts` u8[T] is 1 where a position begins a word. */
  mask(ids: Int32Array, address: StepAddress, wordStarts?: Uint8Array): MaskedSequence {
    const { vocabulary } = this.ground;
    const { step, ...rest } = address;
    const copies = this.config.static;
    const epoch = copies === undefined ? rest.epoch : rest.epoch % copies;
    const strategy = this.strategyAt(step);
    return maskSequence(ids, vocabulary, this.policyAt(step), { ...rest, epoch }, { strategy, wordStarts });
  }

  /** Takes note of what the model after `step` steps predicts; masks use it from step `step + every` on. */
  observe(step: number, every: number, observations: TokenObservations): void {
    const last = this.estimates.at(-1) as EstimateState;
    const next = observe(last, step + every, observations, this.probe?.decay ?? 0);
    // Steps between now and then still need what holds today.
    const current = this.estimates.filter(({ fromStep }) => fromStep <= step).at(-1);
    const pending = this.estimates.filter(({ fromStep }) => fromStep > step);
    this.estimates = [...(current ? [current] : []), ...pending, next];
  }

  /** What has to be kept to go on after an interruption. */
  state(): MaskingState {
    return { estimates: this.estimates };
  }

  /** Goes back to a kept state, or to the beginning. */
  restore(state: MaskingState | undefined): void {
    this.estimates = state?.estimates ?? [emptyEstimate(this.ground.vocabulary.vocabSize)];
  }

  private strategyAt(step: number): MaskingStrategy {
    const { strategy } = this.config;
    if (strategy.name !== 'curriculum') return this.plainAt(strategy, step);
    const [from, to] = [this.plainAt(strategy.from, step), this.plainAt(strategy.to, step)];
    return curriculumMasking(from, to, this.progressAt(step));
  }

  private plainAt(config: PlainStrategyConfig, step: number): MaskingStrategy {
    const from = this.estimates.filter(({ fromStep }) => fromStep <= step).at(-1) ?? this.estimates[0];
    const known = this.built.get(config);
    if (known && (known.from === from || !('every' in config))) return known.strategy;
    const built = {
      from: from as EstimateState,
      strategy: build(config, this.ground, from as EstimateState),
    };
    this.built.set(config, built);
    return built.strategy;
  }

  private get scheduleSteps(): number | undefined {
    return this.config.scheduleSteps ?? this.ground.totalSteps;
  }

  private progressAt(step: number): number {
    return changesOverTime(this.config) ? Math.min(1, step / Math.max(1, (this.scheduleSteps ?? 1) - 1)) : 0;
  }
}
