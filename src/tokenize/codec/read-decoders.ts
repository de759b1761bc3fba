import { z } from 'zod';
import type { Decoder } from '../component.js';
import { NoDecoder } from '../decoders/none.js';
import { WordPieceDecoder } from '../decoders/wordpiece.js';
import { type Located, parse, type Readers, readComponent } from './parse.js';

const readers: Readers<Decoder> = new Map([['WordPiece', readWordPiece]]);

export function readDecoder(located: Located): Decoder {
  return located.value === null ? new NoDecoder() : readComponent(located, readers);
}

const wordPieceSchema = z.strictObject({
  type: z.literal('WordPiece'),
  prefix: z.string(),
  cleanup: z.boolean(),
});

function readWordPiece(located: Located): Decoder {
  const { prefix, cleanup } = parse(wordPieceSchema, located);
  return new WordPieceDecoder(prefix, cleanup);
}
