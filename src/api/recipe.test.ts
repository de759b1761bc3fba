import { describe, expect, it } from 'vitest';
import { defaultRecipe } from '../train/index.js';
import { chosenOptions, fixedChoices } from './recipe.js';

describe('the options of a recipe', () => {
  it('are kept around a plan where they are given, the optimizer among them', () => {
    const options = { paths: ['a'], out: 'o', hidden: 64, optimizer: 'adamw', seed: 3 } as const;
    expect(fixedChoices(options)).toEqual({ hidden: 64, optimizer: 'adamw' });
    expect(fixedChoices({ paths: [], out: 'o', maskRate: '0.30:0.15' })).toEqual({ maskRate: 0.3 });
  });

  it('repeat what was planned, the optimizer, too', () => {
    expect(chosenOptions(defaultRecipe)).toMatchObject({
      hidden: 128,
      learningRate: 4e-3,
      optimizer: 'adamw',
    });
    expect(chosenOptions({ ...defaultRecipe, muon: { momentum: 0.9 } }).optimizer).toBe('muon');
  });
});
