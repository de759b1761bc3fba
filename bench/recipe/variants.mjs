// The ideas of the A/B, by name: changes of the recipe, and of the model for those that transformers has no name for.
import { withIdeas } from './encoder.mjs';

/** Every variant differs from `base` in what its name says and nothing else. */
export const VARIANTS = {
  base: {},
  'mixing family': { recipe: { family: 'modernbert-mixing' } },
  'n-grams family': { recipe: { family: 'modernbert-ngrams' } },
  'batch ramp': { recipe: { batchRamp: { from: 4, steps: 150 } } },
  'length ramp': { recipe: { lengthRamp: { from: 32, steps: 150 } } },
  muon: { recipe: { muon: { momentum: 0.95 } } },
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
  'QK-norm, random start': {
    recipe: { startsFromCounts: false, neighbourOffsets: [] },
    model: (model) => withIdeas(model, { qkNorm: 0.5 }),
  },
  'mask rate 15 %': { recipe: { maskRate: 0.15 } },
  'mask rate 40 %': { recipe: { maskRate: 0.4 } },
  GELU: { recipe: { activation: 'gelu' } },
  '4 heads': { recipe: { heads: 4 } },
  'rows of 64': { recipe: { sequenceLength: 64, batchSize: 32 } },
  'half the batch, twice the steps': { recipe: { batchSize: 8 }, stepFactor: 2, peakFactor: 0.75 },
  'vocabulary 8192': { recipe: { vocabSize: 8192 } },
  'initial range 0.05': { recipe: { initializerRange: 0.05 } },
  'weight decay 0.1': { optimizer: { weightDecay: 0.1 } },
  'beta2 0.95': { optimizer: { beta2: 0.95 } },
  'learning rate 2e-3': { peakFactor: 0.5 },
  'learning rate 8e-3': { peakFactor: 2 },
};
