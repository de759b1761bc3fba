import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../core/index.js';
import {
  readShardIndex,
  SHARD_INDEX,
  SHARD_VERSION,
  ShardedRows,
  type ShardIndex,
  ShardWriter,
  shardIndexSchema,
  verifyShards,
} from '../data/index.js';
import { toFileError, writeDirectory, writeDurably } from '../files/index.js';
import { parseJson } from '../formats/index.js';
import { formatTokenizerJson, type Tokenizer, tokenizerFromJson } from '../tokenize/index.js';
import { type EncodedCorpus, type PrepareOptions, packInto, type Report } from './prepare.js';
import type { SplitCorpus } from './split-corpus.js';
import { StageProgress } from './stage-progress.js';

const TOKENIZER_FILE = 'tokenizer.json';
const UINT16_IDS = 1 << 16;

/** A prepared corpus on disk, open for reading by position. */
export interface ShardedCorpus extends EncodedCorpus {
  readonly train: ShardedRows;
  readonly heldOut: ShardedRows;
  /** Of the vocabulary that was asked for. */
  readonly vocabSize: number;
}

/** Whether `directory` holds a prepared corpus. */
export async function isPreparedCorpus(directory: string): Promise<boolean> {
  return (await stat(join(directory, SHARD_INDEX)).catch(() => undefined))?.isFile() === true;
}

/**
 * Encodes a corpus into token shards in the new directory `directory`, all or nothing, in memory that does not grow with the
 * corpus. Throws a FileError when it cannot be written.
 */
export async function writePreparedCorpus(
  directory: string,
  split: SplitCorpus,
  options: PrepareOptions & { readonly tokenizer: Tokenizer },
  report: Report,
): Promise<ShardIndex> {
  let index: ShardIndex | undefined;
  try {
    await writeDirectory(directory, async (written) => {
      index = await writeShards(written, split, options, report);
    });
  } catch (cause) {
    throw toFileError(`cannot write '${directory}'`, cause);
  }
  return index as ShardIndex;
}

async function writeShards(
  directory: string,
  split: SplitCorpus,
  options: PrepareOptions & { readonly tokenizer: Tokenizer },
  report: Report,
): Promise<ShardIndex> {
  const { tokenizer, sequenceLength, words } = options;
  const dtype = tokenizer.vocabSize <= UINT16_IDS ? 'uint16' : 'uint32';
  const shape = { sequenceLength, dtype, hasWords: words === true } as const;
  const train = new ShardWriter(directory, 'train', shape);
  const heldOut = new ShardWriter(directory, 'held-out', shape);
  try {
    await packInto({ train, heldOut }, split, options, report);
    const json = tokenizerBytes(tokenizer);
    await writeDurably(join(directory, TOKENIZER_FILE), json);
    const index = shardIndexSchema.parse({
      formatVersion: SHARD_VERSION,
      sequenceLength,
      dtype,
      tokenizerSha256: sha256(json),
      vocabSize: options.vocabSize,
      corpus: split.facts,
      train: train.finish(),
      heldOut: heldOut.finish(),
    });
    const text = `${JSON.stringify(index, undefined, 2)}\n`;
    await writeDurably(join(directory, SHARD_INDEX), new TextEncoder().encode(text));
    return index;
  } finally {
    train.close();
    heldOut.close();
  }
}

/**
 * Opens a prepared corpus after reading all of it once to see that it is whole. Throws a FileError or a FormatError that
 * names the file which is missing, truncated or changed.
 */
export async function openPreparedCorpus(directory: string, report: Report): Promise<ShardedCorpus> {
  const index = await readShardIndex(directory);
  const progress = new StageProgress('read', report);
  let last = 0;
  await verifyShards(directory, index, ({ done }) => {
    progress.add(done - last);
    last = done;
  });
  const path = join(directory, TOKENIZER_FILE);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw toFileError(`cannot read '${path}'`, cause);
  });
  if (sha256(bytes) !== index.tokenizerSha256) {
    throw new DataError(`'${path}' is not the tokenizer of these shards: prepare the corpus again`);
  }
  return {
    tokenizer: tokenizerFromJson(parseJson(bytes, path), path),
    train: new ShardedRows(directory, index, index.train),
    heldOut: new ShardedRows(directory, index, index.heldOut),
    facts: index.corpus,
    vocabSize: index.vocabSize,
  };
}

export function tokenizerBytes(tokenizer: Tokenizer): Uint8Array {
  return new TextEncoder().encode(formatTokenizerJson(tokenizer.toJSON()));
}

export function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
