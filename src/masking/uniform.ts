import { type MaskingStrategy, maskedCount } from './strategy.js';

/** Every subset of its size is equally likely (a partial Fisher-Yates shuffle). */
export const uniformMasking: MaskingStrategy = {
  name: 'uniform',
  choosePositions(_ids, maskable, rate, random) {
    const count = maskedCount(maskable.length, rate, random);
    const pool = Int32Array.from(maskable);
    for (let chosen = 0; chosen < count; chosen++) {
      const other = chosen + random.nextInt(pool.length - chosen);
      const kept = pool[chosen] as number;
      pool[chosen] = pool[other] as number;
      pool[other] = kept;
    }
    return pool.slice(0, count).sort();
  },
};
