/**
 * How hard each token of the vocabulary is, as far as it has been seen: sums over predictions of past probes, older ones
 * fading, in plain data (JSON).
 */
export interface EstimateState {
  /** The first step whose masks may use this state. */
  readonly fromStep: number;
  /** Predictions of each id, faded, f64[V]. */
  readonly seen: readonly number[];
  /** Sums of the surprisal of each id and of the entropy of the distributions in its place, in nats, f64[V]. */
  readonly surprisalNats: readonly number[];
  readonly entropyNats: readonly number[];
}

/** Predictions of a model: the true id of each, its surprisal, and the entropy of the whole distribution, in nats. */
export interface TokenObservations {
  readonly labels: ArrayLike<number>;
  readonly surprisalNats: ArrayLike<number>;
  readonly entropyNats: ArrayLike<number>;
}

/** Estimates for every id, in nats, f64[V]. */
export interface TokenEstimate {
  readonly surprisalNats: Float64Array;
  readonly entropyNats: Float64Array;
}

/** Decimals that are kept of sums, so that a state is the same number in memory and in JSON, and short there. */
const SCALE = 1e4;

/** What is known before any probe: nothing seen. */
export function emptyEstimate(vocabSize: number): EstimateState {
  const zeros = new Array<number>(vocabSize).fill(0);
  return { fromStep: 0, seen: zeros, surprisalNats: zeros, entropyNats: zeros };
}

/** The state after another probe: what was there counts `decay` times, in [0, 1), the new predictions in full. */
export function observe(
  state: EstimateState,
  fromStep: number,
  { labels, surprisalNats, entropyNats }: TokenObservations,
  decay: number,
): EstimateState {
  const faded = (sums: readonly number[]) => sums.map((sum) => sum * decay);
  const next = {
    seen: faded(state.seen),
    surprisalNats: faded(state.surprisalNats),
    entropyNats: faded(state.entropyNats),
  };
  for (let index = 0; index < labels.length; index++) {
    const id = labels[index] as number;
    next.seen[id] = (next.seen[id] as number) + 1;
    next.surprisalNats[id] = (next.surprisalNats[id] as number) + (surprisalNats[index] as number);
    next.entropyNats[id] = (next.entropyNats[id] as number) + (entropyNats[index] as number);
  }
  const rounded = (sums: number[]) => sums.map((sum) => Math.round(sum * SCALE) / SCALE);
  return {
    fromStep,
    seen: rounded(next.seen),
    surprisalNats: rounded(next.surprisalNats),
    entropyNats: rounded(next.entropyNats),
  };
}

/**
 * Estimates from a state. An id that was seen n times (faded) has the mean of these n and of `priorCount` imagined
 * predictions by the unigram model: for surprisal -log of its smoothed frequency, for entropy the unigram entropy, which
 * is the same for all, so that before the first probe surprisal prefers rare tokens and entropy none.
 */
export function estimateOf(
  state: EstimateState,
  unigramCounts: ArrayLike<number>,
  priorCount: number,
): TokenEstimate {
  const V = state.seen.length;
  let total = 0;
  for (let id = 0; id < V; id++) total += (unigramCounts[id] ?? 0) + 1;
  const unigramSurprisal = Float64Array.from({ length: V }, (_, id) =>
    Math.log(total / ((unigramCounts[id] ?? 0) + 1)),
  );
  const unigramEntropy = unigramSurprisal.reduce((sum, nats) => sum + nats * Math.exp(-nats), 0);
  const mean = (sums: readonly number[], prior: (id: number) => number) =>
    Float64Array.from(
      sums,
      (sum, id) => (sum + priorCount * prior(id)) / ((state.seen[id] as number) + priorCount),
    );
  return {
    surprisalNats: mean(state.surprisalNats, (id) => unigramSurprisal[id] as number),
    entropyNats: mean(state.entropyNats, () => unigramEntropy),
  };
}
