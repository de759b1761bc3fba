import { z } from 'zod';
import type { Decoder } from '../component.js';
import { BpeDecoder } from '../decoders/bpe.js';
import { ByteFallbackDecoder } from '../decoders/byte-fallback.js';
import { CtcDecoder } from '../decoders/ctc.js';
import { FuseDecoder } from '../decoders/fuse.js';
import { NoDecoder } from '../decoders/none.js';
import { ReplaceDecoder } from '../decoders/replace.js';
import { SequenceDecoder } from '../decoders/sequence.js';
import { StripDecoder } from '../decoders/strip.js';
import { WordPieceDecoder } from '../decoders/wordpiece.js';
import { type Located, parse, type Readers, readComponent, readMembers } from './parse.js';
import { readByteLevelDecoder } from './read-byte-level.js';
import { readMetaspaceDecoder } from './read-metaspace.js';
import { readPattern } from './read-pattern.js';

const readers: Readers<Decoder> = new Map([
  ['WordPiece', readWordPiece],
  ['BPEDecoder', readBpe],
  ['ByteLevel', readByteLevelDecoder],
  ['Metaspace', readMetaspaceDecoder],
  ['ByteFallback', readByteFallback],
  ['Fuse', readFuse],
  ['Strip', readStrip],
  ['Replace', readReplace],
  ['CTC', readCtc],
  ['Sequence', readSequence],
]);

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

const bpeSchema = z.strictObject({ type: z.literal('BPEDecoder'), suffix: z.string().min(1) });

function readBpe(located: Located): Decoder {
  return new BpeDecoder(parse(bpeSchema, located).suffix);
}

const byteFallbackSchema = z.strictObject({ type: z.literal('ByteFallback') });

function readByteFallback(located: Located): Decoder {
  parse(byteFallbackSchema, located);
  return new ByteFallbackDecoder();
}

const fuseSchema = z.strictObject({ type: z.literal('Fuse') });

function readFuse(located: Located): Decoder {
  parse(fuseSchema, located);
  return new FuseDecoder();
}

const stripSchema = z.strictObject({
  type: z.literal('Strip'),
  content: z.string().refine((text) => [...text].length === 1, 'expected one character'),
  start: z.int().nonnegative(),
  stop: z.int().nonnegative(),
});

function readStrip(located: Located): Decoder {
  const { content, start, stop } = parse(stripSchema, located);
  return new StripDecoder(content, start, stop);
}

const replaceSchema = z.strictObject({
  type: z.literal('Replace'),
  pattern: z.unknown(),
  content: z.string(),
});

function readReplace(located: Located): Decoder {
  const { pattern, content } = parse(replaceSchema, located);
  return new ReplaceDecoder(readPattern(located, pattern), content);
}

const ctcSchema = z.strictObject({
  type: z.literal('CTC'),
  pad_token: z.string(),
  word_delimiter_token: z.string(),
  cleanup: z.boolean(),
});

function readCtc(located: Located): Decoder {
  const json = parse(ctcSchema, located);
  return new CtcDecoder({
    padToken: json.pad_token,
    wordDelimiterToken: json.word_delimiter_token,
    cleanup: json.cleanup,
  });
}

const sequenceSchema = z.strictObject({ type: z.literal('Sequence'), decoders: z.array(z.unknown()) });

function readSequence(located: Located): Decoder {
  const { decoders } = parse(sequenceSchema, located);
  return new SequenceDecoder(readMembers(located, 'decoders', decoders, readers));
}
