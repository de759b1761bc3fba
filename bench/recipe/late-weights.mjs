// Averages of the weights that a training passes through near its end, several of one training.

/** Steps between the weights that an average is made of. */
export const SNAPSHOT_STEPS = 5;

/** The mean over the last `share` of the steps. */
export const lateMean = (share) => ({
  beginsAt: (steps) => steps * (1 - share),
  shareOfNew: (count) => 1 / count,
});

/** The exponential moving average that keeps `decay` of itself from step to step; its first weights count no more than others. */
export const movingAverage = (decay) => ({
  beginsAt: () => 0,
  shareOfNew: (count) => Math.max(1 / count, 1 - decay ** SNAPSHOT_STEPS),
});

/** Takes weights as a training goes by, and has their averages by name. */
export class WeightAverages {
  constructor(averages, steps) {
    this.running = Object.entries(averages).map(([name, { beginsAt, shareOfNew }]) => ({
      ...{ name, shareOfNew, beginsAt: beginsAt(steps) },
      ...{ count: 0, mean: new Map() },
    }));
  }

  /** Takes in the weights after `step` steps. */
  add(step, parameters) {
    for (const average of this.running) if (step > average.beginsAt) include(average, parameters);
  }

  /** Parameter values by the name of the average. */
  get values() {
    return new Map(this.running.map(({ name, mean }) => [name, mean]));
  }
}

function include(average, parameters) {
  average.count++;
  const share = average.shareOfNew(average.count);
  for (const [name, { shape, data }] of parameters) {
    const before = average.mean.get(name)?.data ?? data;
    const mixed = before.map((value, index) => value + share * (data[index] - value));
    average.mean.set(name, { shape, data: mixed });
  }
}
