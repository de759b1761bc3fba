import { expect, it } from 'vitest';
import { StatisticsCounter } from './statistics.js';

it('adds up what a corpus is like', () => {
  const counter = new StatisticsCounter();
  counter.add({ id: 'a', text: 'One two, ONE é!' });
  counter.add({ id: 'b', text: 'one' }, { id: 'b', of: 'a', similarity: 1, bytes: 3 });
  for (let number = 0; number < 7; number++) {
    counter.add({ id: `c${number}`, text: 'x' }, { id: `c${number}`, of: 'b', similarity: 0.9, bytes: 1 });
  }
  const result = counter.result();
  expect(result).toMatchObject({
    documents: 9,
    bytes: 16 + 3 + 7,
    words: 4 + 1 + 7,
    distinctWords: 4,
    symbolShare: 2 / 25,
    charactersPerWord: 25 / 12,
    longest: { id: 'a', bytes: 16 },
    duplicates: 8,
    exactDuplicates: 1,
    duplicateBytes: 10,
  });
  expect(result.examples.map(({ id }) => id)).toEqual(['b', 'c0', 'c1', 'c2', 'c3']);
});

it('has no words to divide by', () => {
  expect(new StatisticsCounter().result()).toMatchObject({
    documents: 0,
    symbolShare: 0,
    charactersPerWord: 0,
  });
});
