import { RandomPurpose, RandomStream } from '../../core/index.js';
import { type Assignment, type Conditionals, type Filling, OPEN } from './problem.js';

export interface SamplingOptions {
  /** Fillings to draw. */
  readonly samples: number;
  readonly seed: number;
}

/** Chains that run side by side, so that a run of the model answers for all of them. */
const CHAINS = 32;
/** Sweeps over all sites before the first filling of a chain counts. */
const BURN_IN = 10;

/**
 * Gibbs sampling with a random scan: a site drawn at random is drawn anew given the others (Geman & Geman 1984; Wang &
 * Cho 2019 for BERT, Goyal et al. 2022 for what it converges to). Every chain starts from the chain rule's draw and counts
 * one filling a sweep. Log-probabilities are those of the observed frequencies; what was never drawn is not listed.
 */
export async function gibbsFillings(
  conditionals: Conditionals,
  { samples, seed }: SamplingOptions,
): Promise<Filling[]> {
  const sites = conditionals.problem.sites.length;
  const chains = Array.from({ length: Math.min(CHAINS, samples) }, (_, chain) => ({
    random: new RandomStream(seed, RandomPurpose.sampling, chain),
    assignment: new Array<number>(sites).fill(OPEN) as Assignment,
  }));
  const resample = async (siteOf: (random: RandomStream) => number) => {
    const requests = chains.map(({ random, assignment }) => ({ assignment, site: siteOf(random) }));
    const logs = await conditionals.logProbabilities(requests);
    for (const [index, chain] of chains.entries()) {
      const { site } = requests[index] as { site: number };
      chain.assignment = chain.assignment.with(site, draw(logs[index] as Float64Array, chain.random));
    }
  };
  for (let site = 0; site < sites; site++) await resample(() => site);
  const counts = new Map<string, number>();
  for (let sweep = 0, drawn = 0; drawn < samples; sweep++) {
    for (let step = 0; step < sites; step++) await resample((random) => random.nextInt(sites));
    if (sweep < BURN_IN) continue;
    for (const { assignment } of chains.slice(0, samples - drawn)) {
      counts.set(assignment.join(), (counts.get(assignment.join()) ?? 0) + 1);
      drawn++;
    }
  }
  return frequencies(counts, samples);
}

/**
 * Mask-Predict (Ghazvininejad et al. 2019): fill every site at once, then for as many rounds as there are sites mask the
 * least confident of them again, fewer each round, and fill these anew given the rest. The paper takes the likeliest id
 * at each place; here the first round draws instead, a different filling for each sample, and the frequencies of the
 * results are the distribution. Sample 0 draws nothing: it is the paper's.
 */
export async function maskPredictFillings(
  conditionals: Conditionals,
  { samples, seed }: SamplingOptions,
): Promise<Filling[]> {
  const sites = conditionals.problem.sites.length;
  const marginals = await conditionals.marginals();
  let fillings = Array.from({ length: samples }, (_, sample) => {
    const random = new RandomStream(seed, RandomPurpose.sampling, sample, 1);
    const assignment = marginals.map((logs) => (sample === 0 ? argMax(logs) : draw(logs, random)));
    return { assignment, confidence: assignment.map((choice, site) => marginals[site]?.[choice] ?? 0) };
  });
  for (let round = 1; round < sites; round++) {
    const masked = Math.max(1, Math.round((sites * (sites - round)) / sites));
    fillings = await refill(conditionals, fillings, masked);
  }
  const counts = new Map<string, number>();
  for (const { assignment } of fillings)
    counts.set(assignment.join(), (counts.get(assignment.join()) ?? 0) + 1);
  return frequencies(counts, samples);
}

interface Confident {
  readonly assignment: number[];
  /** Log-probability that each site had when it was filled. */
  readonly confidence: number[];
}

/** Masks the least confident sites of each filling and fills them with their likeliest candidates. */
async function refill(
  conditionals: Conditionals,
  fillings: readonly Confident[],
  masked: number,
): Promise<Confident[]> {
  const requests = fillings.flatMap(({ assignment, confidence }, filling) => {
    const order = [...confidence.keys()].sort((a, b) => (confidence[a] ?? 0) - (confidence[b] ?? 0) || a - b);
    const open = order.slice(0, masked);
    const kept = assignment.map((choice, site) => (open.includes(site) ? OPEN : choice));
    return open.map((site) => ({ assignment: kept, site, filling }));
  });
  const logs = await conditionals.logProbabilities(requests);
  const refilled = fillings.map(({ assignment, confidence }) => ({
    assignment: [...assignment],
    confidence: [...confidence],
  }));
  for (const [index, { site, filling }] of requests.entries()) {
    const own = logs[index] as Float64Array;
    const target = refilled[filling] as Confident;
    target.assignment[site] = argMax(own);
    target.confidence[site] = own[argMax(own)] as number;
  }
  return refilled;
}

function argMax(values: Float64Array): number {
  return values.reduce((best, value, index) => (value > (values[best] as number) ? index : best), 0);
}

function draw(logs: Float64Array, random: RandomStream): number {
  let left = random.nextFloat();
  for (const [choice, value] of logs.entries()) {
    left -= Math.exp(value);
    if (left < 0) return choice;
  }
  return argMax(logs); // rounding left a sliver beyond the last candidate
}

function frequencies(counts: ReadonlyMap<string, number>, samples: number): Filling[] {
  return [...counts].map(([key, count]) => ({
    assignment: key.split(',').map(Number),
    logProbability: Math.log(count / samples),
  }));
}
