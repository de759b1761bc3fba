import { DataError } from '../../core/index.js';
import type { Row, RowAnswer } from '../rows.js';

/** Several masks of one sequence, and the ids that each of them may become. */
export interface JointProblem {
  /** Ids of the sequence, special ones included; each site holds the mask. */
  readonly ids: readonly number[];
  /** Places of the masks in `ids`, ascending. */
  readonly sites: readonly number[];
  /** Candidate ids of each site. */
  readonly candidates: readonly (readonly number[])[];
}

/** For each site the index of its candidate, or `OPEN` where the mask still stands. */
export type Assignment = readonly number[];
export const OPEN = -1;

/** A whole filling. */
export interface Filling {
  readonly assignment: Assignment;
  /** Natural logarithm of its joint probability among all fillings by the candidates. */
  readonly logProbability: number;
}

/** What answers rows with distributions f32[positions, V]: a `Predictor`, or a table in a test. */
export interface DistributionSource {
  ask(question: { readonly kind: 'probabilities' }, rows: readonly Row[]): AsyncIterable<RowAnswer<Row>>;
}

/** A conditional distribution that is asked for: that of `site` with the other sites as in `assignment`. */
export interface ConditionalRequest {
  readonly assignment: Assignment;
  readonly site: number;
}

/** How many fillings there are. */
export function fillingCount({ candidates }: JointProblem): number {
  return candidates.reduce((product, { length }) => product * length, 1);
}

/** Conditional distributions of a model over the candidates of a site, each asked for once. */
export class Conditionals {
  private readonly known = new Map<string, Float64Array>();

  constructor(
    private readonly source: DistributionSource,
    readonly problem: JointProblem,
  ) {
    for (const [site, { length }] of problem.candidates.entries()) {
      if (length === 0) throw new DataError(`mask ${site + 1} has no candidates: give at least one`);
    }
  }

  /** Rows that the model has answered. */
  get asked(): number {
    return this.known.size;
  }

  /**
   * log p(site = candidate | the other sites), normalised over the candidates, f64[candidates of the site], for each
   * request; what the assignment says of the site itself is not looked at.
   */
  async logProbabilities(requests: readonly ConditionalRequest[]): Promise<Float64Array[]> {
    const keys = requests.map(keyOf);
    const rows = new Map<string, Row & { readonly site: number; readonly key: string }>();
    for (const [index, request] of requests.entries()) {
      const key = keys[index] as string;
      if (!this.known.has(key) && !rows.has(key)) rows.set(key, { ...this.rowOf(request), key });
    }
    const byRow = new Map<Row, { site: number; key: string }>([...rows.values()].map((row) => [row, row]));
    for await (const { row, values } of this.source.ask({ kind: 'probabilities' }, [...rows.values()])) {
      const { site, key } = byRow.get(row) as { site: number; key: string };
      this.known.set(key, restrictedLogs(values, this.problem.candidates[site] ?? []));
    }
    return keys.map((key) => this.known.get(key) as Float64Array);
  }

  /** log p(site = candidate) with every site open, for each site, in one pass. */
  async marginals(): Promise<Float64Array[]> {
    const open = this.problem.sites.map(() => OPEN);
    return this.logProbabilities(this.problem.sites.map((_, site) => ({ assignment: open, site })));
  }

  private rowOf({ assignment, site }: ConditionalRequest): Row & { readonly site: number } {
    const ids = [...this.problem.ids];
    for (const [other, position] of this.problem.sites.entries()) {
      const choice = assignment[other] ?? OPEN;
      if (other !== site && choice !== OPEN)
        ids[position] = this.problem.candidates[other]?.[choice] as number;
    }
    return { ids, positions: [this.problem.sites[site] as number], site };
  }
}

function keyOf({ assignment, site }: ConditionalRequest): string {
  return assignment.map((choice, other) => (other === site ? '*' : choice)).join(',');
}

/** Logarithms of a distribution f32[V] restricted to `candidates` and normalised. */
function restrictedLogs(distribution: Float32Array, candidates: readonly number[]): Float64Array {
  const logs = Float64Array.from(candidates, (id) => Math.log(Math.max(distribution[id] ?? 0, 2 ** -126)));
  return normaliseLogs(logs);
}

/** Subtracts the logarithm of the sum of exponentials, in place, and returns the array. */
export function normaliseLogs(logs: Float64Array): Float64Array {
  const largest = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = largest + Math.log(logs.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  return logs.map((value) => value - total);
}

/** The `count` most probable fillings, best first; equal ones in the order of their candidates. */
export function rankFillings(fillings: readonly Filling[], count: number): Filling[] {
  return [...fillings]
    .sort((a, b) => b.logProbability - a.logProbability || compare(a.assignment, b.assignment))
    .slice(0, count);
}

function compare(a: Assignment, b: Assignment): number {
  for (const [site, choice] of a.entries()) {
    if (choice !== b[site]) return choice - (b[site] ?? 0);
  }
  return 0;
}
