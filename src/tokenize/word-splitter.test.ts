import { describe, expect, it } from 'vitest';
import { BertNormalizer } from './normalizers/bert.js';
import { BertPreTokenizer } from './pre-tokenizers/bert.js';
import { WordSplitter } from './word-splitter.js';

function chunksOf(text: string, isLocal: boolean): string[] {
  const normalizer = Object.assign(new BertNormalizer(), { isLocal });
  const chunks: string[] = [];
  new WordSplitter(normalizer, new BertPreTokenizer()).forEachChunk(text, 0, (source, from, to) => {
    chunks.push(source.slice(from, to));
  });
  return chunks;
}

describe('WordSplitter', () => {
  it('cuts at ASCII whitespace alone when the components are local', () => {
    expect(chunksOf(' a,b\t\r\nc\u00a0d e', true)).toEqual(['a,b', 'c\u00a0d', 'e']);
  });

  it('gives words when a component is not local', () => {
    expect(chunksOf(' A b,', false)).toEqual(['a', 'b', ',']);
  });

  it('gives the normalised words of a chunk', () => {
    const words = new WordSplitter(new BertNormalizer(), new BertPreTokenizer()).words('É\u00a0D,');
    expect(words.map(({ text }) => text)).toEqual(['e', 'd', ',']);
  });
});
