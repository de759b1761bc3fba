import { describe, expect, it } from 'vitest';
import { collectPmiVocabulary } from './pmi-vocabulary.js';

describe('collectPmiVocabulary', () => {
  it('refuses n-grams of one token', () => {
    const options = { maxLength: 1, minCount: 1, perToken: 1 };
    expect(() => collectPmiVocabulary([], [], options)).toThrow(
      'PMI n-grams have at least 2 tokens, got a maximum of 1',
    );
  });
});
