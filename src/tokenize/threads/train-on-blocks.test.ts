import { describe, expect, it } from 'vitest';
import { ConfigError, DataError } from '../../core/index.js';
import { namedNormalizer, namedPreTokenizer } from '../named-parts.js';
import { NoNormalizer } from '../normalizers/none.js';
import { BertPreTokenizer } from '../pre-tokenizers/bert.js';
import { readFixtureLines } from '../testing/goldens.js';
import { bpeTrainer, byteBpeTrainer } from '../trainers/bpe.js';
import { characterTrainer } from '../trainers/character.js';
import { trainUnigram, unigramTrainer } from '../trainers/unigram.js';
import { wordPieceTrainer } from '../trainers/wordpiece.js';
import { countBlocks } from './count-blocks.js';
import { trainOnBlocks } from './train-on-blocks.js';

const lines = readFixtureLines().map((line) => `${line}\n`);
/** More blocks than the bound on words waits for, so that all threads have some. */
const blocks = Array.from({ length: 20 }, (_, index) => lines.filter((__, at) => at % 20 === index).join(''));
const cutters = { normalizer: new NoNormalizer(), preTokenizer: new BertPreTokenizer() };

const trainings = {
  bpe: (threads: number) => trainOnBlocks(bpeTrainer, blocks, { vocabSize: 500 }, threads),
  'byte-level bpe, by a pattern': (threads: number) => {
    const preTokenizer = namedPreTokenizer(['identifiers', 'byte-level-only']);
    const normalizer = namedNormalizer(['nfkc', 'replace:[0-9]+=0']);
    return trainOnBlocks(byteBpeTrainer, blocks, { vocabSize: 400, normalizer, preTokenizer }, threads);
  },
  wordpiece: (threads: number) => trainOnBlocks(wordPieceTrainer, blocks, { vocabSize: 400 }, threads),
  unigram: (threads: number) => trainOnBlocks(unigramTrainer, blocks, { vocabSize: 300 }, threads),
  characters: (threads: number) => trainOnBlocks(characterTrainer, blocks, {}, threads),
};

describe('training on blocks', () => {
  it.each(Object.entries(trainings))('learns the same %s in 1, 2, 3 and 8 threads', async (_, train) => {
    const alone = JSON.stringify((await train(1)).toJSON());
    for (const threads of [2, 3, 8]) expect(JSON.stringify((await train(threads)).toJSON())).toBe(alone);
  });

  it('learns what training on the lines learns', async () => {
    const texts = blocks.flatMap((block) => block.split(/(?<=\n)/));
    const expected = trainUnigram(texts, { vocabSize: 300 }).toJSON();
    expect((await trainings.unigram(2)).toJSON()).toEqual(expected);
  });
});

describe('countBlocks', () => {
  it('forgets the same rare words in the same order whatever the number of threads', async () => {
    const endless = Array.from({ length: 40 }, (_, block) =>
      Array.from({ length: 30 }, (__, line) => `new${block}x${line % (block + 1)} again\n`).join(''),
    );
    const runs: unknown[] = [];
    for (const threads of [1, 2, 3, 8]) {
      const forgotten: number[][] = [];
      const options = { maxDistinctWords: 50, onForget: (...call: number[]) => forgotten.push(call) };
      const counts = await countBlocks(endless, cutters, { ...options, threads });
      expect(counts.get('again')).toBe(1200);
      expect(counts.size).toBeLessThanOrEqual(50);
      expect(forgotten.length).toBeGreaterThan(0);
      runs.push([[...counts], forgotten]);
    }
    for (const run of runs) expect(run).toEqual(runs[0]);
  });

  it('refuses blocks without words and a bound that is none, and hands on what fails in a thread', async () => {
    await expect(countBlocks([' \n'], cutters, { threads: 2 })).rejects.toThrow(DataError);
    await expect(countBlocks(['a'], cutters, { threads: 2, maxDistinctWords: 0 })).rejects.toThrow(
      ConfigError,
    );
    const growing = { ...cutters, normalizer: namedNormalizer(Array(40).fill('replace:a=aa')) };
    const failure = countBlocks(['b a\n', 'a\n', 'a\n'], growing, { threads: 2 });
    await expect(failure).rejects.toMatchObject({ code: 'config', message: /expected/ });
  });
});
