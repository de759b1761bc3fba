// The ideas of the A/B, by name: changes of the recipe, and of the model for those that transformers has no name for.
import { withIdeas } from './encoder.mjs';
import { lateMean, movingAverage } from './late-weights.mjs';

const AVERAGES = {
  'mean of the last tenth': lateMean(0.1),
  'mean of the last fifth': lateMean(0.2),
  'mean of the last half': lateMean(0.5),
  'moving average 0.95': movingAverage(0.95),
};

/** Every variant differs from `base` in what its name says and nothing else. */
export const VARIANTS = {
  base: {},
  'mixing family': { recipe: { family: 'modernbert-mixing' } },
  'n-grams family': { recipe: { family: 'modernbert-ngrams' } },
  'batch ramp': { recipe: { batchRamp: { from: 4, steps: 150 } } },
  'length ramp': { recipe: { lengthRamp: { from: 32, steps: 150 } } },
  muon: { recipe: { muon: { momentum: 0.95 } } },
  'steps of 4096': { recipe: { batchSize: 32 }, peakFactor: Math.SQRT2 },
  'steps of 4096, muon': { recipe: { batchSize: 32, muon: { momentum: 0.95 } }, peakFactor: Math.SQRT2 },
  'random start': { recipe: { startsFromCounts: false } },
  'random start, no neighbour attention': { recipe: { startsFromCounts: false, neighbourOffsets: [] } },
  'token mixing': { model: (model) => withIdeas(model, { tokenMixing: 1 }) },
  'token mixing, random start, no neighbour attention': {
    recipe: { startsFromCounts: false, neighbourOffsets: [] },
    model: (model) => withIdeas(model, { tokenMixing: 1 }),
  },
  'token mixing, two to each side': { model: (model) => withIdeas(model, { tokenMixing: 2 }) },
  'Canon convolutions': { model: (model) => withIdeas(model, { canon: true }) },
  'value residual': { model: (model) => withIdeas(model, { valueResidual: true }) },
  'QK-norm': { model: (model) => withIdeas(model, { qkNorm: true }) },
  'QK-norm, learning rate 8e-3': { model: (model) => withIdeas(model, { qkNorm: true }), peakFactor: 2 },
  'QK-norm, random start, no neighbour attention': {
    recipe: { startsFromCounts: false, neighbourOffsets: [] },
    model: (model) => withIdeas(model, { qkNorm: true }),
  },
  'late weights': { averages: AVERAGES },
  'late weights, decay over a fifth': { schedule: { decayShare: 0.2 }, averages: AVERAGES },
  'late weights, no decay': { schedule: { decayShare: 0.01 }, averages: AVERAGES },
  'mask rate 30 to 15 %': { maskRate: '0.30:0.15' },
  'mask rate 15 %': { recipe: { maskRate: 0.15 } },
  'mask rate 40 %': { recipe: { maskRate: 0.4 } },
  GELU: { recipe: { activation: 'gelu' } },
  '4 heads': { recipe: { heads: 4 } },
  'rows of 64': { recipe: { sequenceLength: 64, batchSize: 32 } },
  'half the batch, twice the steps': { recipe: { batchSize: 8 }, stepFactor: 2, peakFactor: 0.75 },
  'vocabulary 2048': { recipe: { vocabSize: 2048 } },
  'vocabulary 8192': { recipe: { vocabSize: 8192 } },
  'initial range 0.05': { recipe: { initializerRange: 0.05 } },
  'weight decay 0.1': { optimizer: { weightDecay: 0.1 } },
  'beta2 0.95': { optimizer: { beta2: 0.95 } },
  'learning rate 2e-3': { peakFactor: 0.5 },
  'learning rate 8e-3': { peakFactor: 2 },
};
