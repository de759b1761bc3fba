import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FormatError } from '../../core/index.js';
import { toFileError } from '../../files/index.js';
import { parseJson } from '../../formats/index.js';

/** The file of a prepared corpus that lists the others. */
export const SHARD_INDEX = 'shards.json';

export const SHARD_VERSION = 1;

const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const file = z.object({
  name: z.string().regex(/^[a-z-]+-\d{5}\.(?:ids|words)$/),
  rows: z.int().positive(),
  sizeBytes: z.int().positive(),
  sha256,
});

const part = z.object({ rows: z.int().positive(), ids: z.array(file).min(1), words: z.array(file) });

/**
 * What `shards.json` says. Rows are flat: row r of a part is at byte (r - first row of its file) x T x 2 or 4, little
 * endian; words, one bit a token from the lowest on, are T / 8 bytes a row, rounded up. All files of a part but the last
 * have as many rows.
 */
export const shardIndexSchema = z.object({
  formatVersion: z.literal(SHARD_VERSION),
  /** T */
  sequenceLength: z
    .int()
    .min(4)
    .max(1 << 20),
  dtype: z.enum(['uint16', 'uint32']),
  tokenizerSha256: sha256,
  /** Of the vocabulary that was asked for: the text may give fewer tokens. */
  vocabSize: z.int().positive(),
  corpus: z.object({
    fingerprint: sha256,
    documents: count,
    heldOutDocuments: count,
    trainBytes: count,
    heldOutBytes: count,
    dedupThreshold: z.number().exactOptional(),
  }),
  train: part,
  heldOut: part,
});

export type ShardIndex = z.infer<typeof shardIndexSchema>;
export type ShardPart = z.infer<typeof part>;
export type ShardFile = z.infer<typeof file>;

/** Reads `shards.json` of a directory. Throws a FileError when it cannot be read and a FormatError for what it says wrongly. */
export async function readShardIndex(directory: string): Promise<ShardIndex> {
  const path = join(directory, SHARD_INDEX);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw toFileError(`cannot read '${path}'`, cause);
  });
  const parsed = shardIndexSchema.safeParse(parseJson(bytes, path));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new FormatError(
      `${path}: ${issue?.path.join('.')}: ${issue?.message}; expected shards of version ${SHARD_VERSION}: prepare the corpus again`,
    );
  }
  return parsed.data;
}

/** Reads every file of a prepared corpus and throws a FormatError that names one that is missing, truncated or changed. */
export async function verifyShards(
  directory: string,
  { train, heldOut }: ShardIndex,
  onProgress?: (progress: { readonly done: number; readonly total: number }) => void,
): Promise<void> {
  const files = [train, heldOut].flatMap(({ ids, words }) => [...ids, ...words]);
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let done = 0;
  for (const { name, sizeBytes, sha256: expected } of files) {
    const path = join(directory, name);
    const size = (await stat(path).catch(() => undefined))?.size;
    if (size !== sizeBytes) {
      const got = size === undefined ? 'there is no such file' : `got ${size}`;
      throw damaged(path, `expected ${sizeBytes} bytes, ${got}`);
    }
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      hash.update(chunk);
      done += chunk.length;
      onProgress?.({ done, total });
    }
    if (hash.digest('hex') !== expected)
      throw damaged(path, 'its checksum is another one than shards.json says');
  }
}

/** What to say of a file of a prepared corpus that isn't what it was. */
export function damaged(path: string, what: string): FormatError {
  return new FormatError(`'${path}' is damaged: ${what}; prepare the corpus again`);
}
