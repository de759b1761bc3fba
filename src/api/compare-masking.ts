import { createHash } from 'node:crypto';
import { ConfigError, LacunaError, type MeanInterval, meanInterval } from '../core/index.js';
import { largestRate, type MaskingConfig, type RateConfig, readMaskingConfig } from '../masking/index.js';
import { Engine } from '../runtime/index.js';
import { formatTokenizerJson } from '../tokenize/index.js';
import { openCorpusSource } from './corpus-source.js';
import { EVALUATION_MASK_RATE } from './evaluate.js';
import { maskingNeeds } from './masking.js';
import { runMaskingTrial, type Trial, type TrialResult } from './masking-trial.js';
import type { PreparedCorpus } from './prepare.js';
import { recipeFor } from './recipe.js';
import { openTokenizer } from './tokenizer.js';
import { TrialCache } from './trial-cache.js';
import type { TrainEvent, TrainOptions } from './types.js';

/** Options of `compareMasking`; sizes of the model are those of `train`. */
export interface CompareMaskingOptions
  extends Pick<
    TrainOptions,
    | 'paths'
    | 'vocabSize'
    | 'maskRate'
    | 'sequenceLength'
    | 'layers'
    | 'hidden'
    | 'heads'
    | 'feedForward'
    | 'batchSize'
    | 'learningRate'
    | 'threads'
    | 'signal'
  > {
  /** Strategies by name, with options as `span:p=0.3,max=5`; the first is what the others are compared with. */
  readonly strategies: readonly string[];
  readonly seeds: readonly number[];
  readonly steps: number;
  /** Directory of the results, one file a run: runs that are there already are not done again. */
  readonly out: string;
  /** A tokenizer.json or a directory with one; else WordPiece is learned. */
  readonly tokenizer?: string;
  readonly extensions?: readonly string[];
  readonly onProgress?: (line: string) => void;
}

/** One strategy over all seeds. */
export interface MaskingSummary {
  readonly strategy: string;
  readonly runs: readonly TrialResult[];
  readonly lossNats: MeanInterval;
  readonly accuracy: MeanInterval;
  /** Differences to the first strategy, seed by seed. */
  readonly lossDifference: MeanInterval;
  /** Mean squared norm of the gradient, before clipping, over all steps. */
  readonly squaredGradientNorm: MeanInterval;
  /** Mean surprisal of the tokens predicted in training. */
  readonly trainingSurprisalNats: MeanInterval;
}

export interface MaskingComparison {
  readonly fingerprint: string;
  readonly steps: number;
  readonly seeds: readonly number[];
  readonly evaluationMaskRate: number;
  readonly strategies: readonly MaskingSummary[];
}

const FIXED_RATE: RateConfig = { kind: 'constant', rate: EVALUATION_MASK_RATE };

/** The strategies of a comparison, validated. */
interface Contender {
  readonly label: string;
  readonly config: MaskingConfig;
}

/**
 * Trains every strategy with every seed from the same initial parameters on the same batches of text for the same number of
 * steps and predictions, and measures all on the same held-out masks, uniform at 15 %. Results are kept as they come, so
 * that an interrupted comparison goes on where it was. Throws a LacunaError of code `interrupted` on abort.
 */
export async function compareMasking(options: CompareMaskingOptions): Promise<MaskingComparison> {
  const contenders = options.strategies.map((text) => readContender(text, options));
  if (contenders.length === 0 || options.seeds.length === 0) {
    throw new ConfigError('a comparison needs at least one strategy and one seed');
  }
  const report = options.onProgress ?? (() => undefined);
  const stage = (event: TrainEvent) => {
    if (event.type === 'stage') report(`${event.stage}: ${event.detail}`);
  };
  const tokenizer = options.tokenizer === undefined ? undefined : await openTokenizer(options.tokenizer);
  const words = contenders.some(({ config }) => maskingNeeds(config).words);
  const source = await openCorpusSource(options.paths, {
    report: stage,
    signal: options.signal,
    reading: options.extensions && { extensions: options.extensions },
  });
  const engine = new Engine(options.threads === undefined ? {} : { threads: options.threads });
  const cache = new TrialCache(options.out);
  try {
    const budget = { steps: options.steps };
    const fixed = { ...options, maskRate: largestRate(contenders[0]?.config.rate ?? FIXED_RATE) };
    const recipe = await recipeFor(fixed, budget, source.facts, engine, stage);
    const corpus = await source.prepare({ ...recipe, tokenizer, words }, stage);
    const results = new Map<Contender, TrialResult[]>(contenders.map((contender) => [contender, []]));
    // Seed by seed, so that a comparison cut short is a fair one of fewer seeds.
    for (const seed of options.seeds) {
      for (const contender of contenders) {
        const trial = { recipe, masking: contender.config, steps: options.steps, seed };
        const result = await cache.getOrRun(trialKey(contender.label, trial, corpus), () =>
          runUnlessAborted(options.signal, () => runMaskingTrial(engine, corpus, trial)),
        );
        results.get(contender)?.push(result);
        report(`${contender.label}, seed ${seed}: ${result.lossNats.toFixed(4)} nats`);
      }
    }
    return {
      fingerprint: corpus.facts.fingerprint,
      steps: options.steps,
      seeds: options.seeds,
      evaluationMaskRate: EVALUATION_MASK_RATE,
      strategies: summarise([...results].map(([{ label }, runs]) => ({ label, runs }))),
    };
  } finally {
    source.close();
    await engine.close();
  }
}

function readContender(text: string, { maskRate, steps }: CompareMaskingOptions): Contender {
  const [strategy = '', ...rest] = text.split(':');
  const pairs = rest
    .join(':')
    .split(',')
    .filter((pair) => pair !== '');
  const options = Object.fromEntries(pairs.map((pair) => pair.split('=', 2)));
  const config = readMaskingConfig({
    strategy,
    rate: maskRate ?? EVALUATION_MASK_RATE,
    options: { scheduleSteps: steps, ...options },
  });
  return { label: text, config };
}

async function runUnlessAborted<Result>(
  signal: AbortSignal | undefined,
  run: () => Promise<Result>,
): Promise<Result> {
  if (!signal?.aborted) return run();
  throw new LacunaError(
    'interrupted',
    'interrupted; the runs that are done are kept, the same command goes on',
  );
}

/** A file name for a run: readable, and different for anything its numbers depend on. */
function trialKey(label: string, trial: Trial, { facts, tokenizer }: PreparedCorpus): string {
  const content = {
    trial,
    fingerprint: facts.fingerprint,
    tokenizer: formatTokenizerJson(tokenizer.toJSON()),
  };
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 12);
  return `${label.replace(/[^a-z0-9.=-]+/gi, '_')}-seed${trial.seed}-${hash}`;
}

/** Means and intervals over seeds. */
export function summarise(
  groups: readonly { readonly label: string; readonly runs: readonly TrialResult[] }[],
): MaskingSummary[] {
  const reference = groups[0]?.runs ?? [];
  return groups.map(({ label, runs }) => {
    const over = (pick: (run: TrialResult) => number) => meanInterval(runs.map(pick));
    return {
      strategy: label,
      runs,
      lossNats: over((run) => run.lossNats),
      accuracy: over((run) => run.accuracy),
      lossDifference: meanInterval(
        runs.map((run, index) => run.lossNats - (reference[index]?.lossNats ?? Number.NaN)),
      ),
      squaredGradientNorm: over((run) => run.squaredGradientNorm),
      trainingSurprisalNats: over((run) => run.trainingSurprisalNats),
    };
  });
}
