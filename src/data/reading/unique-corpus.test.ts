import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../../core/index.js';
import type { Document } from '../document.js';
import { Corpus } from './index.js';

const sentence = (start: number, words: number) =>
  Array.from({ length: words }, (_, index) => `word${start + index}`).join(' ');
/** The second repeats the first but for case, the fourth has 34 of 40 stretches of five words in common with it. */
const TEXTS = [sentence(0, 40), sentence(0, 40).toUpperCase(), sentence(100, 40), sentence(4, 40), 'short'];

let root: string;
let path: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-unique-'));
  path = join(root, 'texts.jsonl');
  await writeFile(path, TEXTS.map((text) => `${JSON.stringify({ text })}\n`).join(''));
});
afterAll(() => rm(root, { recursive: true }));

async function idsOf(groups: AsyncIterable<readonly Document[]>): Promise<string[]> {
  const ids: string[] = [];
  for await (const group of groups) ids.push(...group.map(({ id }) => id.replace(/.*:/, '')));
  return ids;
}

describe('a corpus without duplicates', () => {
  it('leaves them out at every reading, after the filters, and counts both', async () => {
    const corpus = await Corpus.open([path], { dedup: true, minWords: 2 }, root);
    for (let round = 0; round < 2; round++) {
      expect(await idsOf(corpus.documents())).toEqual(['1', '3']);
      expect(corpus.leftOut).toEqual({ '--min-words': 1, '--dedup': 2 });
    }
    expect(await readdir(root)).toEqual(['texts.jsonl']);
  });

  it('takes its threshold, and needs to be asked for', async () => {
    const strict = await Corpus.open([path], { dedup: true, dedupThreshold: 0.95 });
    expect(await idsOf(strict.documents())).toEqual(['1', '3', '4', '5']);
    expect(strict.dedupThreshold).toBe(0.95);
    const plain = await Corpus.open([path]);
    expect(await idsOf(plain.documents())).toHaveLength(5);
    expect(plain.leftOut).toEqual({});
    const refused = Corpus.open([path], { dedupThreshold: 0.9 });
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow('expected dedup: true');
  });

  it('is another corpus than that with them', async () => {
    const options = [{}, { dedup: true }, { dedup: true, dedupThreshold: 0.9 }];
    const corpora = await Promise.all(options.map((each) => Corpus.open([path], each)));
    expect(new Set(corpora.map(({ signature }) => signature)).size).toBe(3);
  });

  it('gives its texts without them, of files of text too', async () => {
    for (const name of ['a.txt', 'b.txt']) await writeFile(join(root, name), 'the same in two files');
    const corpus = await Corpus.open([join(root, '*.txt')], { dedup: true });
    const texts: string[] = [];
    for await (const { text } of corpus.texts()) texts.push(text);
    expect(texts).toEqual(['the same in two files']);
  });
});
