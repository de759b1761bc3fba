import { describe, expect, it } from 'vitest';
import { learningRateAt, type ScheduleOptions } from './schedule.js';
import { type Budget, StepPlan } from './step-plan.js';

const schedule: ScheduleOptions = { peak: 1, warmupSteps: 4, decayShare: 0.5 };

/** A run in program runs of 8 steps on a machine whose milliseconds a step change with time. */
function simulate(budget: Budget, msPerStep: (elapsedMs: number) => number) {
  const plan = new StepPlan(budget, schedule);
  const rates: number[] = [];
  let [step, elapsedMs] = [0, 0];
  for (let left = plan.remaining(0, 0); left > 0; left = plan.remaining(step, elapsedMs)) {
    const count = left >= 8 ? 8 : 1;
    for (let index = 0; index < count; index++) {
      rates.push(learningRateAt(step++, plan.current, schedule));
      elapsedMs += msPerStep(elapsedMs);
    }
  }
  return { step, elapsedMs, rates, plan: plan.changes };
}

describe('a time budget', () => {
  const machines = {
    steady: () => 10,
    'slower by half after two thirds': (elapsedMs: number) => (elapsedMs > 40_000 ? 15 : 10),
    'twice as fast after two thirds': (elapsedMs: number) => (elapsedMs > 40_000 ? 5 : 10),
    uneven: (elapsedMs: number) => 10 + 4 * Math.sin(elapsedMs / 1000),
  };
  for (const [name, msPerStep] of Object.entries(machines)) {
    it(`is met within 1 % by a full decay on a machine that is ${name}`, () => {
      const { elapsedMs, rates } = simulate({ ms: 60_000 }, msPerStep);
      expect(Math.abs(elapsedMs - 60_000)).toBeLessThan(600);
      expect(rates.at(-1)).toBeLessThan(0.01);
      expect(Math.max(...rates)).toBe(1);
    });
  }

  it('leaves a course that repeats it step by step', () => {
    const timed = simulate({ ms: 60_000 }, machines['slower by half after two thirds']);
    expect(timed.plan.length).toBeGreaterThan(1);
    const repeated = simulate({ plan: timed.plan }, () => 1);
    expect(repeated.rates).toEqual(timed.rates);
  });

  it('changes the plan once when the machine is steady', () => {
    expect(simulate({ ms: 60_000 }, machines.steady).plan).toHaveLength(1);
  });
});

describe('a number of steps', () => {
  it('is the plan from the start', () => {
    const { step, plan } = simulate({ steps: 30 }, () => 1);
    expect(step).toBe(30);
    expect(plan).toEqual([{ fromStep: 0, totalSteps: 30, decayStart: 15 }]);
  });
});
