import { describe, expect, it } from 'vitest';
import { RandomPurpose, RandomStream } from '../../core/index.js';
import type { Row, RowAnswer } from '../rows.js';
import { totalVariation } from './enumerated.js';
import { isWhole, JOINT_METHODS, type JointMethod, jointFillings } from './methods.js';
import { Conditionals, type DistributionSource, type Filling, type JointProblem } from './problem.js';
import { States } from './states.js';

const MASK = 4;
const V = 20;
const OPTIONS = { width: 100, samples: 20_000, seed: 1 };

/** Three sites in a row of five, with 3, 2 and 4 candidates. */
const PROBLEM: JointProblem = {
  ids: [2, MASK, 9, MASK, MASK, 3],
  sites: [1, 3, 4],
  candidates: [
    [10, 11, 12],
    [13, 14],
    [15, 16, 17, 18],
  ],
};

/** A joint distribution over the states of the problem, drawn once. */
function jointTable(states: States): Float64Array {
  const random = new RandomStream(5, RandomPurpose.sampling);
  const values = Float64Array.from({ length: states.count }, () => Math.exp(1.5 * random.nextNormal()));
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => value / total);
}

/** A model whose conditionals are exactly those of a joint distribution. */
function modelOf(joint: Float64Array, states: States): DistributionSource & { rows: number } {
  return {
    rows: 0,
    async *ask(_question, rows): AsyncGenerator<RowAnswer<Row>> {
      for (const row of rows) {
        this.rows++;
        const site = PROBLEM.sites.indexOf(row.positions[0] as number);
        const values = new Float32Array(V).fill(1e-6); // ids that are no candidates have some mass, too
        for (const [state, probability] of joint.entries()) {
          const assignment = states.assignment(state);
          const fits = PROBLEM.sites.every((position, other) => {
            const shown = row.ids[position];
            return (
              other === site ||
              shown === MASK ||
              shown === PROBLEM.candidates[other]?.[assignment[other] ?? 0]
            );
          });
          const id = PROBLEM.candidates[site]?.[assignment[site] ?? 0] ?? 0;
          if (fits) values[id] = (values[id] ?? 0) + probability;
        }
        yield { row, values };
      }
    },
  };
}

const states = new States(PROBLEM, 'test');
const joint = jointTable(states);

function tableOf(fillings: readonly Filling[]): Float64Array {
  const table = new Float64Array(states.count);
  for (const { assignment, logProbability } of fillings)
    table[states.state(assignment)] = Math.exp(logProbability);
  return table;
}

async function distance(method: JointMethod, options = OPTIONS): Promise<number> {
  const conditionals = new Conditionals(modelOf(joint, states), PROBLEM);
  return totalVariation(joint, tableOf(await jointFillings(method, conditionals, options)));
}

describe('joint fills of a model whose conditionals agree', () => {
  it.each(['exact', 'ag', 'chain'] as const)('%s is its joint distribution', async (method) => {
    expect(await distance(method)).toBeLessThan(1e-4);
  });

  it('independent and mrf are not', async () => {
    expect(await distance('independent')).toBeGreaterThan(0.05);
    expect(await distance('mrf')).toBeGreaterThan(0.05);
  });

  it('gibbs converges to it with samples', async () => {
    const distances = [];
    for (const samples of [200, 2000, 40_000])
      distances.push(await distance('gibbs', { ...OPTIONS, samples }));
    expect(distances[1]).toBeLessThan(distances[0] as number);
    expect(distances[2]).toBeLessThan(distances[1] as number);
    expect(distances[2]).toBeLessThan(0.02);
  });

  it.each(JOINT_METHODS)(
    '%s gives distinct fillings whose probabilities are at most 1 together',
    async (method) => {
      const conditionals = new Conditionals(modelOf(joint, states), PROBLEM);
      const fillings = await jointFillings(method, conditionals, OPTIONS);
      expect(new Set(fillings.map(({ assignment }) => assignment.join())).size).toBe(fillings.length);
      const total = fillings.reduce((sum, { logProbability }) => sum + Math.exp(logProbability), 0);
      if (isWhole(method, conditionals, OPTIONS)) expect(total).toBeCloseTo(1, 6);
      else expect(total).toBeLessThan(1.5);
    },
  );

  it('chain with a narrow beam, and beam, give fillings under their own chain probabilities', async () => {
    const conditionals = new Conditionals(modelOf(joint, states), PROBLEM);
    for (const method of ['chain', 'beam'] as const) {
      const fillings = await jointFillings(method, conditionals, { ...OPTIONS, width: 2 });
      expect(fillings).toHaveLength(2);
      for (const { assignment, logProbability } of fillings) {
        expect(logProbability).toBeCloseTo(Math.log(joint[states.state(assignment)] ?? 0), 3);
      }
    }
  });

  it('asks the model for each conditional once, and repeats with the same seed', async () => {
    const model = modelOf(joint, states);
    const conditionals = new Conditionals(model, PROBLEM);
    const first = await jointFillings('gibbs', conditionals, OPTIONS);
    expect(model.rows).toBe(conditionals.asked);
    expect(await jointFillings('gibbs', conditionals, OPTIONS)).toEqual(first);
    expect(await jointFillings('gibbs', conditionals, { ...OPTIONS, seed: 2 })).not.toEqual(first);
  });

  it('sample 0 of mask-predict is the deterministic algorithm', async () => {
    const conditionals = new Conditionals(modelOf(joint, states), PROBLEM);
    const options = { ...OPTIONS, samples: 1 };
    const [one] = await jointFillings('mask-predict', conditionals, options);
    const [other] = await jointFillings('mask-predict', conditionals, { ...options, seed: 99 });
    expect(one).toEqual(other);
  });
});

describe('States', () => {
  it('numbers fillings back and forth', () => {
    for (let state = 0; state < states.count; state++)
      expect(states.state(states.assignment(state))).toBe(state);
  });

  it('refuses to enumerate what is too much, with what to do', () => {
    const candidates = PROBLEM.sites.map(() => Array.from({ length: 200 }, (_, id) => id));
    expect(() => new States({ ...PROBLEM, candidates }, 'mrf')).toThrow(
      'mrf enumerates 8000000 fillings of 3 masks with 120000 runs of a row, at most 2097152 and 20000: take fewer candidates',
    );
  });

  it('refuses a mask without candidates', () => {
    const empty = { ...PROBLEM, candidates: [[1], [], [2]] };
    expect(() => new Conditionals(modelOf(joint, states), empty)).toThrow('mask 2 has no candidates');
  });
});
