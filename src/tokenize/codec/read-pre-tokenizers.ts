import { z } from 'zod';
import type { PreTokenizer } from '../component.js';
import { BertPreTokenizer } from '../pre-tokenizers/bert.js';
import { NoPreTokenizer } from '../pre-tokenizers/none.js';
import { type Located, parse, type Readers, readComponent } from './parse.js';
import { readByteLevelPreTokenizer } from './read-byte-level.js';
import { readMetaspacePreTokenizer } from './read-metaspace.js';

const readers: Readers<PreTokenizer> = new Map([
  ['BertPreTokenizer', readBert],
  ['ByteLevel', readByteLevelPreTokenizer],
  ['Metaspace', readMetaspacePreTokenizer],
]);

export function readPreTokenizer(located: Located): PreTokenizer {
  return located.value === null ? new NoPreTokenizer() : readComponent(located, readers);
}

const bertSchema = z.strictObject({ type: z.literal('BertPreTokenizer') });

function readBert(located: Located): PreTokenizer {
  parse(bertSchema, located);
  return new BertPreTokenizer();
}
