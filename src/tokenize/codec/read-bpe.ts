import { z } from 'zod';
import type { Model } from '../component.js';
import { BpeModel } from '../models/bpe.js';
import type { MergedTokens } from '../models/merge-table.js';
import { formatErrorAt, type Located, parse } from './parse.js';
import { readVocabulary } from './vocabulary.js';

const bpeSchema = z.strictObject({
  // Files from before the type was written have none.
  type: z.literal('BPE').optional(),
  dropout: z.number().nullish(),
  unk_token: z.string().nullish(),
  continuing_subword_prefix: z.string().nullish(),
  end_of_word_suffix: z.string().nullish(),
  fuse_unk: z.boolean().nullish(),
  byte_fallback: z.boolean().nullish(),
  ignore_merges: z.boolean().nullish(),
  vocab: z.unknown(),
  merges: z.array(z.unknown()),
});

/** Reads BPE; throws FormatError for dropout, which would make encoding random. */
export function readBpe(located: Located): Model {
  const json = parse(bpeSchema, located);
  if (typeof json.dropout === 'number' && json.dropout !== 0) {
    const dropout = { ...located, path: `${located.path}.dropout` };
    throw formatErrorAt(dropout, `dropout is not supported; expected null, got ${json.dropout}`);
  }
  const vocabulary = readVocabulary({ ...located, value: json.vocab, path: `${located.path}.vocab` });
  const merges = { ...located, path: `${located.path}.merges` };
  return new BpeModel(
    vocabulary,
    json.merges.map((merge, index) =>
      readMerge({ ...merges, value: merge, path: `${merges.path}.${index}` }),
    ),
    {
      unkToken: json.unk_token ?? null,
      continuingSubwordPrefix: json.continuing_subword_prefix ?? null,
      endOfWordSuffix: json.end_of_word_suffix ?? null,
      fuseUnk: json.fuse_unk ?? false,
      byteFallback: json.byte_fallback ?? false,
      ignoreMerges: json.ignore_merges ?? false,
    },
  );
}

/** A list of two tokens or, in older files, the two with a space between them. */
function readMerge(located: Located): MergedTokens {
  const { value } = located;
  const [left, right, ...rest] =
    typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : [];
  if (typeof left !== 'string' || typeof right !== 'string' || rest.length > 0) {
    throw formatErrorAt(located, `expected two tokens, got ${JSON.stringify(value)?.slice(0, 100)}`);
  }
  return [left, right];
}
