import { describe, expect, it } from 'vitest';
import { decayStart, learningRateAt, type ScheduleOptions } from './schedule.js';

const options: ScheduleOptions = { peak: 2, warmupSteps: 4, decayShare: 0.5 };

describe('learningRateAt', () => {
  const plan = { totalSteps: 20, decayStart: decayStart(20, options) };

  it('warms up, stays, and decays to nearly zero', () => {
    const rates = Array.from({ length: 20 }, (_, step) => learningRateAt(step, plan, options));
    expect(rates[0]).toBeCloseTo(0.4);
    expect(rates[4]).toBe(2);
    expect(rates[9]).toBe(2);
    for (let step = 10; step < 20; step++) expect(rates[step]).toBeLessThan(rates[step - 1] as number);
    expect(rates[19]).toBeGreaterThan(0);
    expect(rates[19]).toBeLessThan(0.2);
  });

  it('does not decay while the length of the run is open', () => {
    expect(learningRateAt(1_000_000, undefined, options)).toBe(2);
  });
});
