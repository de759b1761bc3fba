import { describe, expect, it } from 'vitest';
import { nearest } from './nearest.js';

describe('nearest', () => {
  const keys = ['vocabSize', 'learningRate', 'layers', 'seed'];
  it.each([
    ['vocabsize', 'vocabSize'],
    ['vocab_size', 'vocabSize'],
    ['learnRate', 'learningRate'],
    ['layer', 'layers'],
    ['sed', 'seed'],
    ['zzzzzz', undefined],
  ])('of %s is %s', (word, expected) => {
    expect(nearest(word, keys)).toBe(expected);
  });
});
