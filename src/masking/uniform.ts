import type { MaskingStrategy } from './strategy.js';

/** Every subset of `count` positions is equally likely (a partial Fisher-Yates shuffle). */
export const uniformMasking: MaskingStrategy = {
  name: 'uniform',
  choosePositions(_ids, maskable, count, random) {
    const pool = Int32Array.from(maskable);
    for (let chosen = 0; chosen < count; chosen++) {
      const other = chosen + random.nextInt(pool.length - chosen);
      const kept = pool[chosen] as number;
      pool[chosen] = pool[other] as number;
      pool[other] = kept;
    }
    return pool.subarray(0, count).sort();
  },
};
