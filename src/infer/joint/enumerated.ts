import type { Conditionals, Filling } from './problem.js';
import { normalise, States } from './states.js';

/** Iterations stop when the total variation between two of them is below this. */
const TOLERANCE = 1e-9;
const MOST_ITERATIONS = 2000;

/**
 * The reference: the joint distribution that a model's full conditionals imply, as the stationary distribution of the
 * Gibbs sampler that resamples a site drawn at random, computed by enumeration. Where the conditionals agree with one
 * joint distribution it is that one; those of a masked model need not, and then it is the distribution in which the
 * sampler is found.
 */
export async function exactFillings(conditionals: Conditionals): Promise<Filling[]> {
  const states = new States(conditionals.problem, 'exact');
  const tables = await states.conditionals(conditionals);
  return states.fillings(stationary(states, tables));
}

/** The stationary distribution of random-scan Gibbs sampling with full conditionals f64[states] for each site. */
export function stationary(states: States, tables: readonly Float64Array[]): Float64Array {
  let current = new Float64Array(states.count).fill(1 / states.count);
  for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
    const next = new Float64Array(states.count);
    for (const [site, table] of tables.entries()) {
      const others = states.marginalise(current, site);
      for (let state = 0; state < states.count; state++) {
        next[state] =
          (next[state] as number) + ((others[state] as number) * (table[state] as number)) / tables.length;
      }
    }
    const moved = totalVariation(current, next);
    current = next;
    if (moved < TOLERANCE) break;
  }
  return normalise(current);
}

/**
 * Markov random field of the conditionals: mu(x) proportional to the product over sites of p(x_i | x_others)
 * (Torroba Hennigen & Kim 2023, "Deriving Language Models from Masked Language Models").
 */
export async function mrfFillings(conditionals: Conditionals): Promise<Filling[]> {
  const states = new States(conditionals.problem, 'mrf');
  const tables = await states.conditionals(conditionals);
  const logs = new Float64Array(states.count);
  for (const table of tables) {
    for (let state = 0; state < states.count; state++)
      logs[state] = (logs[state] as number) + Math.log(table[state] as number);
  }
  const largest = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  return states.fillings(normalise(logs.map((value) => Math.exp(value - largest))));
}

/**
 * The joint distribution whose conditionals are closest to the model's: it minimises the sum over sites and contexts of
 * KL(p(x_i | x_others) || mu(x_i | x_others)) by the iteration mu(x) <- sum_i p(x_i | x_others) / sum_i 1 / mu(x_others)
 * (Arnold & Gokhale 1998; Torroba Hennigen & Kim 2023, there for pairs).
 */
export async function agFillings(conditionals: Conditionals): Promise<Filling[]> {
  const states = new States(conditionals.problem, 'ag');
  return states.fillings(arnoldGokhale(states, await states.conditionals(conditionals)));
}

function arnoldGokhale(states: States, tables: readonly Float64Array[]): Float64Array {
  const sums = new Float64Array(states.count);
  for (const table of tables) {
    for (let state = 0; state < states.count; state++)
      sums[state] = (sums[state] as number) + (table[state] as number);
  }
  let current = normalise(Float64Array.from(sums));
  for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
    const inverses = new Float64Array(states.count);
    for (const site of tables.keys()) {
      const others = states.marginalise(current, site);
      for (let state = 0; state < states.count; state++)
        inverses[state] = (inverses[state] as number) + 1 / (others[state] as number);
    }
    const next = normalise(sums.map((sum, state) => sum / (inverses[state] as number)));
    const moved = totalVariation(current, next);
    current = next;
    if (moved < TOLERANCE) break;
  }
  return current;
}

/** Half the sum of absolute differences of two distributions. */
export function totalVariation(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += Math.abs((a[index] as number) - (b[index] as number));
  return sum / 2;
}
