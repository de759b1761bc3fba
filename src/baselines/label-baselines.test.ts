import { describe, expect, it } from 'vitest';
import { trainBagOfWords } from './bag-of-words.js';
import { majorityLabel, mostFrequentTag } from './label-baselines.js';

describe('majorityLabel', () => {
  it('is the most frequent one, the first of equals', () => {
    expect(majorityLabel(['b', 'a', 'b'])).toBe('b');
    expect(majorityLabel(['b', 'a'])).toBe('a');
  });
});

describe('mostFrequentTag', () => {
  const tagOf = mostFrequentTag([
    { words: ['the', 'run', 'the', 'dog'], tags: ['D', 'N', 'D', 'N'] },
    { words: ['run', 'run', 'the'], tags: ['V', 'V', 'D'] },
  ]);

  it('knows each word by its most frequent tag, and new words by that of most words', () => {
    expect(['the', 'run', 'dog', 'The', 'cat'].map(tagOf)).toEqual(['D', 'V', 'N', 'D', 'D']);
  });
});

describe('trainBagOfWords', () => {
  const subjects = ['ship', 'sea', 'sail', 'wave'];
  const others = ['law', 'court', 'judge', 'claim'];
  const examples = Array.from({ length: 80 }, (_, index) => {
    const [words, label] = index % 2 === 0 ? [subjects, 'sea'] : [others, 'law'];
    const pick = (stride: number) => words[(index * stride + stride) % 4];
    return { text: `The ${pick(1)}, and a ${pick(3)}.`, label };
  });

  it('tells classes by their words, whatever the order of the words', () => {
    const classify = trainBagOfWords(examples.slice(0, 60), examples.slice(60), 0);
    expect(examples.slice(60).every(({ text, label }) => classify(text) === label)).toBe(true);
    expect(classify('wave the sail')).toBe(classify('SAIL wave, the'));
  });

  it('cannot tell what differs in order alone', () => {
    const ordered = Array.from({ length: 60 }, (_, index) => {
      const isFirst = index % 2 === 0;
      return { text: isFirst ? 'ship law' : 'law ship', label: isFirst ? 'a' : 'b' };
    });
    const classify = trainBagOfWords(ordered, ordered, 0);
    expect(classify('ship law')).toBe(classify('law ship'));
  });
});
