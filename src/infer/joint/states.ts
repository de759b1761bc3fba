import { ConfigError } from '../../core/index.js';
import {
  type Assignment,
  type Conditionals,
  type Filling,
  fillingCount,
  type JointProblem,
} from './problem.js';

/** Most fillings that are enumerated, and most rows that the model is asked for them. */
const MOST_STATES = 2 ** 21;
const MOST_ROWS = 20_000;

/**
 * Every filling of a problem, numbered: state = sum over sites of choice * stride, the last site fastest. Throws a
 * ConfigError when there are too many to enumerate.
 */
export class States {
  readonly count: number;
  readonly sizes: readonly number[];
  readonly strides: readonly number[];

  constructor(problem: JointProblem, method: string) {
    this.count = fillingCount(problem);
    this.sizes = problem.candidates.map(({ length }) => length);
    const rows = this.sizes.reduce((sum, size) => sum + this.count / size, 0);
    if (this.count > MOST_STATES || rows > MOST_ROWS) {
      throw new ConfigError(
        `${method} enumerates ${this.count} fillings of ${this.sizes.length} masks with ${rows} runs of a row, at most ${MOST_STATES} and ${MOST_ROWS}: take fewer candidates, or chain, beam, gibbs or mask-predict`,
      );
    }
    const strides = new Array<number>(this.sizes.length).fill(1);
    for (let site = strides.length - 2; site >= 0; site--) {
      strides[site] = (strides[site + 1] as number) * (this.sizes[site + 1] as number);
    }
    this.strides = strides;
  }

  assignment(state: number): Assignment {
    return this.strides.map((stride, site) => Math.floor(state / stride) % (this.sizes[site] as number));
  }

  state(assignment: Assignment): number {
    return assignment.reduce((sum, choice, site) => sum + choice * (this.strides[site] as number), 0);
  }

  /** The first state of each line of states that differ in `site` only. */
  *lineStarts(site: number): Generator<number> {
    const stride = this.strides[site] as number;
    const size = this.sizes[site] as number;
    for (let state = 0; state < this.count; state++) if (Math.floor(state / stride) % size === 0) yield state;
  }

  /** Full conditionals: for each site p(choice | all other sites) at every state, f64[states]. */
  async conditionals(conditionals: Conditionals): Promise<Float64Array[]> {
    const tables: Float64Array[] = [];
    for (const [site, stride] of this.strides.entries()) {
      const starts = [...this.lineStarts(site)];
      const requests = starts.map((start) => ({ assignment: this.assignment(start), site }));
      const table = new Float64Array(this.count);
      for (const [line, logs] of (await conditionals.logProbabilities(requests)).entries()) {
        for (const [choice, value] of logs.entries()) {
          table[(starts[line] as number) + choice * stride] = Math.exp(value);
        }
      }
      tables.push(table);
    }
    return tables;
  }

  /** Sums over `site`, at every state: f64[states], constant along lines. */
  marginalise(values: Float64Array, site: number): Float64Array {
    const sums = new Float64Array(this.count);
    const stride = this.strides[site] as number;
    const size = this.sizes[site] as number;
    for (const start of this.lineStarts(site)) {
      let sum = 0;
      for (let choice = 0; choice < size; choice++) sum += values[start + choice * stride] as number;
      for (let choice = 0; choice < size; choice++) sums[start + choice * stride] = sum;
    }
    return sums;
  }

  /** Fillings with their log-probabilities from a table of probabilities, f64[states]. */
  fillings(probabilities: Float64Array): Filling[] {
    return Array.from(probabilities, (probability, state) => ({
      assignment: this.assignment(state),
      logProbability: Math.log(probability),
    }));
  }
}

/** Scales non-negative numbers to sum to 1, in place, and returns them. */
export function normalise(values: Float64Array): Float64Array {
  const total = values.reduce((sum, value) => sum + value, 0);
  for (let index = 0; index < values.length; index++) values[index] = (values[index] as number) / total;
  return values;
}
