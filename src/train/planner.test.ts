import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PlanningFacts, planTraining } from './planner.js';

const facts: PlanningFacts = { budgetMs: 120_000, flopsPerSecond: 1e11, trainBytes: 1e7 };
const plan = (changes: Partial<PlanningFacts>, fixed = {}) =>
  planTraining({ ...facts, ...changes }, fixed, 50);

describe('planTraining', () => {
  it('gives more time a larger model and more text a larger vocabulary', () => {
    const [short, long] = [plan({ budgetMs: 60_000 }), plan({ budgetMs: 3_600_000 })];
    expect(long.choices.hidden).toBeGreaterThan(short.choices.hidden);
    expect(long.choices.schedule.peak).toBeLessThan(short.choices.schedule.peak);
    expect(plan({ trainBytes: 3e5 }).choices.vocabSize).toBe(512);
    expect(plan({ trainBytes: 1e7 }).choices.vocabSize).toBe(4096);
  });

  it('keeps what is fixed and works around it', () => {
    const { choices } = plan({}, { hidden: 256, vocabSize: 1000, learningRate: 1e-3, batchSize: 3 });
    expect(choices).toMatchObject({ hidden: 256, feedForward: 512, heads: 4, vocabSize: 1000, batchSize: 3 });
    expect(choices.schedule.peak).toBe(1e-3);
  });

  it('spends no more operations than the budget has, on any machine', () => {
    const positive = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(
        positive(1e3, 1e8),
        positive(1e9, 1e13),
        positive(1e4, 1e12),
        (budgetMs, flopsPerSecond, trainBytes) => {
          const { choices, tokens } = plan({ budgetMs, flopsPerSecond, trainBytes });
          const { layers, hidden, feedForward } = choices;
          expect(hidden % choices.heads).toBe(0);
          // What every token needs: of the last layer its keys and values.
          const needed = (layers - 1) * (4 * hidden ** 2 + 3 * hidden * feedForward) + 2 * hidden ** 2;
          expect(6 * tokens * needed).toBeLessThanOrEqual((flopsPerSecond * budgetMs) / 1000);
        },
      ),
    );
  });

  it('takes larger steps where there are more tokens, and Muon where it costs little of a step', () => {
    const minutes = (count: number) =>
      plan({ budgetMs: count * 60_000, flopsPerSecond: 1.16e11, trainBytes: 1.05e7 });
    expect(minutes(2).choices).toMatchObject({ hidden: 128, batchSize: 16 });
    expect(minutes(2).choices.muon).toBeUndefined();
    expect(minutes(5).choices).toMatchObject({ hidden: 128, batchSize: 32, muon: { momentum: 0.95 } });
    expect(minutes(5).reasons.at(-1)).toBe(
      "Muon for the hidden matrices: Muon costs 10 % of a step's operations",
    );
    expect(minutes(2).reasons.at(-1)).toBe(
      "AdamW for all: Muon costs 21 % of a step's operations, more than 12.5 %",
    );
  });

  it('leaves the optimizer to whoever names one', () => {
    const long = { budgetMs: 300_000, flopsPerSecond: 1.16e11 };
    expect(plan(long, { optimizer: 'adamw' }).choices.muon).toBeUndefined();
    expect(plan(facts, { optimizer: 'muon' }).choices.muon).toEqual({ momentum: 0.95 });
    expect(plan(long, { optimizer: 'adamw' }).reasons.join()).not.toContain('Muon');
  });

  it('says why', () => {
    const { reasons, tokens, parameters } = plan({});
    expect(reasons[0]).toBe('100 GFLOP/s for 120 s are 1.2e+13 operations');
    expect(reasons[1]).toContain(`${(parameters / 1e6).toPrecision(3)} M parameters`);
    expect(reasons[1]).toContain(`${(tokens / 1e6).toPrecision(3)} M tokens`);
  });
});
