import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, DataError, LacunaError } from '../core/index.js';
import {
  type BatchOptions,
  type CorpusOptions,
  EpochOrder,
  makeBatch,
  type PackedSequences,
  rowsOf,
} from '../data/index.js';
import { bertPolicy, maskedCountBound } from '../masking/index.js';
import { CorpusCache, cleanCache } from './corpus-cache.js';
import { type CorpusSource, openCorpusSource } from './corpus-source.js';
import { maskingVocabulary } from './held-out.js';
import { type PreparedCorpus, withCounts } from './prepare.js';
import { prepareData } from './prepare-data.js';
import type { TrainEvent } from './types.js';

const SIZES = { vocabSize: 120, sequenceLength: 16, words: true };

let root: string;
let corpus: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'lacuna-source-'));
  corpus = join(root, 'corpus.jsonl');
  const lines = Array.from({ length: 200 }, (_, row) =>
    JSON.stringify({ text: `Record ${row} says: ${'gaps are to be filled. '.repeat(1 + (row % 7))}` }),
  );
  writeFileSync(corpus, lines.join('\n'));
});
afterAll(() => rmSync(root, { recursive: true }));

interface Opened {
  readonly source: CorpusSource;
  readonly prepared: PreparedCorpus;
  readonly said: readonly string[];
}

async function open(path: string, cacheDir?: string, reading: CorpusOptions = {}): Promise<Opened> {
  const said: string[] = [];
  const report = (event: TrainEvent) => {
    if (event.type === 'stage') said.push(`${event.stage}: ${event.detail}`);
  };
  const kept = cacheDir === undefined ? {} : { cacheDir, inMemoryBytes: 0 };
  const source = await openCorpusSource([path], { report, reading, ...kept });
  const prepared = await source.prepare({ ...SIZES, tokenizer: source.fixed?.tokenizer }, report);
  return { source, prepared, said };
}

const contentsOf = (data: PackedSequences) =>
  Array.from(rowsOf(data), (row, index) => ({ row: [...row], words: [...(data.wordStarts?.(index) ?? [])] }));

/** What a run sees of a corpus. */
const seen = ({ train, heldOut, counts, tokenizer, facts }: PreparedCorpus) => ({
  ...{ train: contentsOf(train), heldOut: contentsOf(heldOut) },
  ...{ counts, facts, tokenizer: tokenizer.toJSON() },
});

const keptIn = (cacheDir: string) => readdirSync(cacheDir, { recursive: true }).map(String).sort();

describe('openCorpusSource', () => {
  it('gives the same rows from memory, from the cache and from a prepared directory', async () => {
    const cacheDir = join(root, 'same');
    const directory = join(root, 'prepared');
    const memory = await open(corpus);
    const written = await open(corpus, cacheDir);
    const cached = await open(corpus, cacheDir);
    await prepareData({ paths: [corpus], out: directory, ...SIZES });
    const prepared = await open(directory);
    for (const each of [written, cached, prepared]) {
      expect(seen(each.prepared)).toEqual(seen(memory.prepared));
      each.source.close();
    }
    expect(memory.said.some((line) => line.includes('kept in'))).toBe(false);
    expect(
      written.said.some((line) => /^notice: .*is kept in .*'lacuna data clean' removes it$/.test(line)),
    ).toBe(true);
    expect(cached.said.some((line) => line.startsWith('encode: as prepared before, in '))).toBe(true);
    expect(cached.said.some((line) => line.startsWith('tokenizer'))).toBe(false);
  });

  it('leaves out the same duplicates wherever rows lie, and says how many', async () => {
    mkdirSync(join(root, 'repeated'));
    const path = join(root, 'repeated', 'corpus.jsonl');
    const lines = readFileSync(corpus, 'utf8').split('\n');
    const copies = lines.slice(0, 40).map((line) => line.toUpperCase().replace('"TEXT"', '"text"'));
    writeFileSync(path, [...lines, ...copies].join('\n'));
    const [cacheDir, directory] = [join(root, 'unique'), join(root, 'unique-prepared')];
    const reading = { dedup: true, dedupThreshold: 1 };
    const unique = await open(corpus);
    const memory = await open(path, undefined, reading);
    await prepareData({ paths: [path], out: directory, corpus: reading, ...SIZES });
    const written = await open(path, cacheDir, reading);
    const others = [written, await open(path, cacheDir, reading), await open(directory, undefined, reading)];
    for (const each of others) {
      expect(seen(each.prepared)).toEqual(seen(memory.prepared));
      each.source.close();
    }
    for (const { said } of [memory, written]) expect(said).toContain('notice: --dedup left out 40 documents');
    expect(contentsOf(memory.prepared.train)).toEqual(contentsOf(unique.prepared.train));
    expect(memory.prepared.facts).toEqual({ ...unique.prepared.facts, dedupThreshold: 1 });
    // Not what was kept with another threshold.
    expect((await open(path, cacheDir, { dedup: true })).prepared.facts.dedupThreshold).toBe(0.8);
  });

  it('keeps a preparation for each way of preparing, and for each state of the files', async () => {
    const cacheDir = join(root, 'ways');
    const path = join(root, 'changing.jsonl');
    writeFileSync(path, readFileSync(corpus));
    const preparations = () => keptIn(cacheDir).filter((name) => name.endsWith('shards.json')).length;
    (await open(path, cacheDir)).source.close();
    expect(preparations()).toBe(1);
    const source = await openCorpusSource([path], { report: () => undefined, cacheDir, inMemoryBytes: 0 });
    await source.prepare({ ...SIZES, sequenceLength: 24 }, () => undefined);
    source.close();
    expect(preparations()).toBe(2);
    writeFileSync(path, `${readFileSync(path, 'utf8')}\n{"text": "One more."}\n`);
    const changed = await open(path, cacheDir);
    changed.source.close();
    expect(preparations()).toBe(3);
    expect(changed.prepared.facts.documents).toBe(201);
  });

  it('prepares again, and says so, where a shard is damaged', async () => {
    const cacheDir = join(root, 'damaged');
    const first = await open(corpus, cacheDir);
    first.source.close();
    const shard = keptIn(cacheDir).find((name) => name.endsWith('train-00000.ids')) as string;
    const path = join(cacheDir, shard);
    const bytes = readFileSync(path);
    for (const damage of [bytes.subarray(0, -1), Buffer.from(bytes).fill(7, 3, 4)]) {
      writeFileSync(path, damage);
      const again = await open(corpus, cacheDir);
      again.source.close();
      expect(again.said.some((line) => /^notice: .*train-00000\.ids' is damaged: /.test(line))).toBe(true);
      expect(readFileSync(path)).toEqual(bytes);
    }
  });

  it('is cleaned by one call, which says what there was', async () => {
    const cacheDir = join(root, 'clean');
    (await open(corpus, cacheDir)).source.close();
    const looked = await cleanCache({ cacheDir, dryRun: true });
    expect(looked).toMatchObject({ directory: cacheDir, removed: false });
    expect(looked.corpora).toHaveLength(1);
    expect(looked.sizeBytes).toBeGreaterThan(1000);
    expect(await cleanCache({ cacheDir })).toEqual({ ...looked, removed: true });
    expect(await new CorpusCache(cacheDir).list()).toEqual([]);
    expect(keptIn(cacheDir)).toEqual([]);
  });

  it('refuses to train on a prepared directory otherwise than it was prepared', async () => {
    const directory = join(root, 'fixed');
    await prepareData({ paths: [corpus], out: directory, ...SIZES, words: false });
    const source = await openCorpusSource([directory], { report: () => undefined });
    const prepare = (options: object) =>
      source.prepare(
        { ...SIZES, vocabSize: source.fixed?.tokenizer.vocabSize ?? 0, ...options },
        () => undefined,
      );
    const cases: [object, string][] = [
      [{}, 'without the words that this masking needs'],
      [{ words: false, sequenceLength: 8 }, 'in sequences of 16 tokens, not 8'],
      [{ words: false, vocabSize: 99 }, 'with a vocabulary of'],
    ];
    for (const [options, message] of cases) {
      await expect(prepare(options)).rejects.toThrow(ConfigError);
      await expect(prepare(options)).rejects.toThrow(message);
    }
    const readings: [CorpusOptions, string][] = [
      [{ minWords: 3 }, "'minWords' was settled then"],
      [{ dedup: true }, 'is prepared with dedupThreshold not set, not 0.8'],
    ];
    for (const [reading, message] of readings) {
      await expect(open(directory, undefined, reading)).rejects.toThrow(message);
    }
    expect(() => source.texts()).toThrow('its texts are gone');
    source.close();
    await expect(prepareData({ paths: [corpus], out: directory })).rejects.toThrow(
      `'${directory}' exists; choose another --out`,
    );
    rmSync(join(directory, 'tokenizer.json'));
    await expect(openCorpusSource([directory], { report: () => undefined })).rejects.toThrow(
      'tokenizer.json',
    );
    writeFileSync(join(directory, 'tokenizer.json'), '{}');
    await expect(openCorpusSource([directory], { report: () => undefined })).rejects.toThrow(DataError);
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const out = join(root, 'interrupted');
    const interruption = new AbortController();
    const onEvent = (event: TrainEvent) => {
      if (event.type === 'stage' && event.stage === 'encode') interruption.abort();
    };
    const { signal } = interruption;
    const before = readdirSync(root);
    await expect(prepareData({ paths: [corpus], out, ...SIZES, signal, onEvent })).rejects.toThrow(
      LacunaError,
    );
    expect(readdirSync(root)).toEqual(before);
  });

  it('lets a signal in while it counts n-grams, and then stops', async () => {
    const source = await open(corpus);
    const interruption = new AbortController();
    const report = (event: TrainEvent) => {
      // As a signal of the system comes in: when this thread has nothing else to do.
      if (event.type === 'stage' && event.stage === 'baselines') setImmediate(() => interruption.abort());
    };
    const counted = withCounts(source.prepared, report, interruption.signal);
    await expect(counted).rejects.toThrow('interrupted before the first step');
  });

  it('gives batches that depend on the seed and the step alone: not on where rows lie, nor on what was read before', async () => {
    const memory = await open(corpus);
    const sharded = await open(corpus, join(root, 'batches'));
    const { tokenizer, train } = memory.prepared;
    const rate = 0.3;
    const plan = { batchSize: 5, sequenceLength: 16, predictionsPerBatch: 5 * maskedCountBound(16, rate) };
    const run = fc.record({
      seed: fc.nat(1000),
      steps: fc.array(fc.nat(3 * train.count), { minLength: 1, maxLength: 8 }),
    });
    fc.assert(
      fc.property(run, ({ seed, steps }) => {
        const options: BatchOptions = {
          ...{ plan, seed, vocabulary: maskingVocabulary(tokenizer) },
          policy: bertPolicy(rate),
        };
        const running = new EpochOrder(train.count, seed);
        for (const step of steps) {
          const afresh = makeBatch(train, new EpochOrder(train.count, seed), step, options);
          expect(makeBatch(sharded.prepared.train, running, step, options)).toEqual(afresh);
        }
      }),
    );
    sharded.source.close();
  });
});
