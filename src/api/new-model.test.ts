import { describe, expect, it } from 'vitest';
import { defaultRecipe } from '../train/index.js';
import { canStartFromCounts } from './fit.js';
import { isModernBert } from './new-model.js';

describe('the start from counts', () => {
  it('is for the two ModernBERTs', () => {
    for (const family of [undefined, 'modernbert', 'modernbert-mixing']) {
      const recipe = family === undefined ? defaultRecipe : { ...defaultRecipe, family };
      expect(isModernBert(recipe)).toBe(true);
      expect(canStartFromCounts(recipe, 4096)).toBe(true);
    }
    expect(isModernBert({ ...defaultRecipe, family: 'bert' })).toBe(false);
    expect(canStartFromCounts({ ...defaultRecipe, family: 'bert' }, 4096)).toBe(false);
  });
});
