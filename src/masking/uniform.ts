import { sampleUniformly } from './sample.js';
import { type MaskingStrategy, maskedCount } from './strategy.js';

/** Every subset of its size is equally likely (Devlin et al. 2019, "BERT", section 3.1). */
export const uniformMasking: MaskingStrategy = {
  name: 'uniform',
  choosePositions({ maskable }, rate, random) {
    return sampleUniformly(maskable, maskedCount(maskable.length, rate, random), random);
  },
};
