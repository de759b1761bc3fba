import {
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { FormatError } from '../../core/index.js';
import {
  MemoryRows,
  type PackedSequences,
  readShardIndex,
  SHARD_INDEX,
  SHARD_VERSION,
  ShardedRows,
  type ShardIndex,
  ShardWriter,
  shardIndexSchema,
  verifyShards,
} from '../index.js';

const root = mkdtempSync(join(tmpdir(), 'lacuna-shards-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(root, 'corpus-'));
});

interface Shape {
  readonly sequenceLength: number;
  readonly dtype: 'uint16' | 'uint32';
  readonly hasWords: boolean;
  readonly fileBytes?: number;
}

const SMALL: Shape = { sequenceLength: 9, dtype: 'uint16', hasWords: true, fileBytes: 64 };

/** The same rows in memory and on disk, one part as `train`, the first of its rows as `held-out`. */
function write(
  rows: readonly (readonly number[])[],
  shape: Shape,
): { memory: MemoryRows; index: ShardIndex } {
  const memory = new MemoryRows(shape.sequenceLength, shape.hasWords);
  const train = new ShardWriter(directory, 'train', shape);
  const heldOut = new ShardWriter(directory, 'held-out', shape);
  for (const [number, row] of rows.entries()) {
    const ids = Int32Array.from(row);
    const words = Uint8Array.from(row, (id) => id % 2);
    memory.write(ids, words);
    train.write(ids, words);
    if (number === 0) heldOut.write(ids, words);
    ids.fill(-1);
  }
  const index = shardIndexSchema.parse({
    formatVersion: SHARD_VERSION,
    sequenceLength: shape.sequenceLength,
    dtype: shape.dtype,
    tokenizerSha256: '0'.repeat(64),
    vocabSize: 100,
    corpus: {
      fingerprint: 'f'.repeat(64),
      documents: 2,
      heldOutDocuments: 1,
      trainBytes: 10,
      heldOutBytes: 5,
    },
    train: train.finish(),
    heldOut: heldOut.finish(),
  });
  writeFileSync(join(directory, SHARD_INDEX), JSON.stringify(index));
  return { memory, index };
}

function contents(data: PackedSequences): { ids: number[]; words: number[] | undefined }[] {
  return Array.from({ length: data.count }, (_, index) => ({
    ids: [...data.row(index)],
    words: data.wordStarts && [...data.wordStarts(index)],
  }));
}

function rowsOfNumbers(count: number, length: number): number[][] {
  return Array.from({ length: count }, (_, row) =>
    Array.from({ length }, (_, place) => row * length + place),
  );
}

describe('shards', () => {
  it('give back every row by its position, whatever the width of ids and the size of files', async () => {
    const shape = fc.record({
      sequenceLength: fc.integer({ min: 4, max: 21 }),
      isWide: fc.boolean(),
      hasWords: fc.boolean(),
      fileBytes: fc.integer({ min: 1, max: 400 }),
    });
    const cases = shape.chain(({ isWide, ...rest }) =>
      fc.tuple(
        fc.constant({ ...rest, dtype: isWide ? 'uint32' : 'uint16' } as const),
        fc.array(
          fc.array(fc.integer({ min: 0, max: isWide ? 2 ** 31 - 1 : 65_535 }), {
            minLength: rest.sequenceLength,
            maxLength: rest.sequenceLength,
          }),
          { minLength: 1, maxLength: 30 },
        ),
      ),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([shape, rows]) => {
        directory = mkdtempSync(join(root, 'corpus-'));
        const { memory, index } = write(rows, shape);
        expect(await readShardIndex(directory)).toEqual(index);
        await verifyShards(directory, index);
        const sharded = new ShardedRows(directory, index, index.train);
        expect(contents(sharded)).toEqual(contents(memory));
        sharded.close();
      }),
      { numRuns: 60 },
    );
  });

  it('holds rows in files of the asked size, 2 bytes a token and a bit a word', () => {
    const { index } = write(rowsOfNumbers(8, 9), SMALL);
    // Three rows of 18 bytes fit in 64.
    expect(index.train.ids.map(({ name, rows, sizeBytes }) => [name, rows, sizeBytes])).toEqual([
      ['train-00000.ids', 3, 54],
      ['train-00001.ids', 3, 54],
      ['train-00002.ids', 2, 36],
    ]);
    expect(index.train.words.map(({ rows, sizeBytes }) => [rows, sizeBytes])).toEqual([
      [3, 6],
      [3, 6],
      [2, 4],
    ]);
    expect(statSync(join(directory, 'train-00002.ids')).size).toBe(36);
  });

  it('says which file is truncated, missing or changed by one bit, wherever it is', async () => {
    const { index } = write(rowsOfNumbers(8, 9), SMALL);
    const files = [...index.train.ids, ...index.train.words, ...index.heldOut.ids, ...index.heldOut.words];
    for (const { name, sizeBytes } of files) {
      const path = join(directory, name);
      const good = readFileSync(path);
      const damagedBy = async (damage: () => void, message: string) => {
        damage();
        const verified = verifyShards(directory, index);
        await expect(verified).rejects.toThrow(FormatError);
        await expect(verified).rejects.toThrow(`'${path}' is damaged: ${message}`);
        writeFileSync(path, good);
      };
      await damagedBy(
        () => truncateSync(path, sizeBytes - 1),
        `expected ${sizeBytes} bytes, got ${sizeBytes - 1}`,
      );
      await damagedBy(() => unlinkSync(path), `expected ${sizeBytes} bytes, there is no such file`);
      for (let offset = 0; offset < sizeBytes; offset += 5) {
        const flipped = Buffer.from(good);
        flipped[offset] = (flipped[offset] as number) ^ (1 << (offset % 8));
        await damagedBy(() => writeFileSync(path, flipped), 'its checksum');
      }
    }
    await verifyShards(directory, index);
  });

  it('says so when a shard is cut short while it is open', () => {
    const { index } = write(rowsOfNumbers(8, 9), SMALL);
    const sharded = new ShardedRows(directory, index, index.train);
    truncateSync(join(directory, 'train-00001.ids'), 20);
    expect(sharded.row(2)).toEqual(Int32Array.from(rowsOfNumbers(8, 9)[2] as number[]));
    expect(() => sharded.row(4)).toThrow("train-00001.ids' is damaged: it ends before row 4");
    sharded.close();
  });

  it('refuses an index that is not one, naming the key', async () => {
    const { index } = write(rowsOfNumbers(2, 9), SMALL);
    const path = join(directory, SHARD_INDEX);
    const cases: [Record<string, unknown>, string][] = [
      [{ ...index, formatVersion: 2 }, 'formatVersion'],
      [{ ...index, dtype: 'int8' }, 'dtype'],
      [{ ...index, train: { ...index.train, rows: 0 } }, 'train.rows'],
      [
        { ...index, heldOut: { ...index.heldOut, ids: [{ ...index.heldOut.ids[0], name: '../../secret' }] } },
        'heldOut.ids.0.name',
      ],
    ];
    for (const [content, key] of cases) {
      writeFileSync(path, JSON.stringify(content));
      const read = readShardIndex(directory);
      await expect(read).rejects.toThrow(FormatError);
      await expect(read).rejects.toThrow(`${path}: ${key}: `);
    }
    writeFileSync(path, '{');
    await expect(readShardIndex(directory)).rejects.toThrow(path);
    unlinkSync(path);
    await expect(readShardIndex(directory)).rejects.toThrow(`cannot read '${path}'`);
  });

  it('never writes over a file', () => {
    write(rowsOfNumbers(2, 9), SMALL);
    expect(() => write(rowsOfNumbers(2, 9), SMALL)).toThrow("train-00000.ids': ");
  });
});
