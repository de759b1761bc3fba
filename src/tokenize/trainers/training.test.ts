import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readSpeeches } from '../testing/state-of-the-union.js';
import type { Tokenizer } from '../tokenizer.js';
import { trainBpe, trainByteBpe } from './bpe.js';
import { trainUnigram } from './unigram.js';
import { trainWordPiece } from './wordpiece.js';

const numbersSchema = z.record(z.string(), z.union([z.number(), z.string()]));

const goldensSchema = z.object({
  reference: z.string(),
  merges: z.array(
    z.object({
      trainer: z.enum(['bpe', 'byte-bpe', 'wordpiece']),
      options: numbersSchema.and(z.object({ vocabSize: z.number() })),
      tokens: z.number(),
      vocabulary: z.string(),
      merges: z.string().nullable(),
    }),
  ),
  unigram: z.array(
    z.object({
      fileStep: z.number(),
      options: numbersSchema.and(z.object({ vocabSize: z.number() })),
      tokens: z.number(),
      pieces: z.string(),
      logLikelihoodNats: z.number(),
    }),
  ),
});

const goldens = goldensSchema.parse(
  JSON.parse(readFileSync(new URL('../goldens/training.golden.json', import.meta.url), 'utf8')),
);
const trainers = { bpe: trainBpe, 'byte-bpe': trainByteBpe, wordpiece: trainWordPiece };

function digest(items: readonly string[]): string {
  return createHash('sha256').update(items.join('\0')).digest('hex');
}

function vocabularyOf(tokenizer: Tokenizer): string[] {
  return Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.idToToken(id) as string);
}

function mergesOf(tokenizer: Tokenizer): string | null {
  const { merges } = tokenizer.toJSON().model;
  return merges === undefined ? null : digest((merges as [string, string][]).map((pair) => pair.join(' ')));
}

describe(`training on State of the Union, as ${goldens.reference}`, () => {
  const speeches = readSpeeches();

  for (const { trainer, options, ...golden } of goldens.merges) {
    it(`learns the vocabulary and merges of ${trainer} ${JSON.stringify(options)}`, {
      timeout: 60_000,
    }, () => {
      const tokenizer = trainers[trainer](speeches, options);
      expect({
        tokens: tokenizer.vocabSize,
        vocabulary: digest(vocabularyOf(tokenizer)),
        merges: mergesOf(tokenizer),
      }).toEqual(golden);
    });
  }

  for (const { fileStep, options, ...golden } of goldens.unigram) {
    it(`learns the pieces and scores of unigram ${JSON.stringify(options)}`, { timeout: 60_000 }, () => {
      const texts = readSpeeches(fileStep);
      const tokenizer = trainUnigram(texts, options);
      const scores = (tokenizer.toJSON().model.vocab as [string, number][]).map(([, score]) => score);
      let logLikelihood = 0;
      for (const line of texts.flatMap((text) => text.split('\n'))) {
        for (const id of tokenizer.encodeIds(line)) logLikelihood += scores[id] as number;
      }
      // No piece is beyond the basic plane, so that the default order is the one by code point.
      expect(digest(vocabularyOf(tokenizer).sort())).toBe(golden.pieces);
      expect(tokenizer.vocabSize).toBe(golden.tokens);
      expect(logLikelihood / golden.logLikelihoodNats).toBeCloseTo(1, 6);
    });
  }
});
