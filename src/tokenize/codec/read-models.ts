import { z } from 'zod';
import type { Model } from '../component.js';
import { WordLevelModel } from '../models/word-level.js';
import { WordPieceModel } from '../models/wordpiece.js';
import { type Located, parse, type Readers, readComponent } from './parse.js';
import { readBpe } from './read-bpe.js';
import { readUnigram } from './read-unigram.js';
import { readVocabulary } from './vocabulary.js';

const readers: Readers<Model> = new Map([
  ['WordPiece', readWordPiece],
  ['BPE', readBpe],
  ['Unigram', readUnigram],
  ['WordLevel', readWordLevel],
]);

export function readModel(located: Located): Model {
  return readComponent(located, readers);
}

const wordPieceSchema = z.strictObject({
  type: z.literal('WordPiece'),
  unk_token: z.string(),
  continuing_subword_prefix: z.string(),
  max_input_chars_per_word: z.int().positive(),
  vocab: z.unknown(),
});

function readWordPiece(located: Located): Model {
  const json = parse(wordPieceSchema, located);
  const vocabulary = readVocabulary({ ...located, value: json.vocab, path: `${located.path}.vocab` });
  return new WordPieceModel(vocabulary, {
    unkToken: json.unk_token,
    continuingSubwordPrefix: json.continuing_subword_prefix,
    maxInputCharsPerWord: json.max_input_chars_per_word,
  });
}

const wordLevelSchema = z.strictObject({
  type: z.literal('WordLevel'),
  vocab: z.unknown(),
  unk_token: z.string(),
});

function readWordLevel(located: Located): Model {
  const { vocab, unk_token } = parse(wordLevelSchema, located);
  return new WordLevelModel(
    readVocabulary({ ...located, value: vocab, path: `${located.path}.vocab` }),
    unk_token,
  );
}
