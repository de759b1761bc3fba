import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RandomPurpose, RandomStream } from '../core/index.js';
import { type Checkpoint, Checkpoints } from './checkpoints.js';
import type { Manifest } from './manifest.js';
import type { NamedTensors, TensorType } from './state-file.js';

const TYPES: readonly TensorType[] = [
  { name: 'weight', dtype: 'float32', shape: [3, 5] },
  { name: 'weight/moment_first', dtype: 'float32', shape: [3, 5] },
  { name: 'steps', dtype: 'int64', shape: [] },
  { name: 'bias', dtype: 'float32', shape: [7] },
];

async function* stateOf(seed: number): NamedTensors {
  for (const { name, dtype, shape } of TYPES) {
    const size = shape.reduce((product, length) => product * length, 1);
    const random = new RandomStream(seed, RandomPurpose.sampling, size);
    const data =
      dtype === 'int64'
        ? new BigInt64Array([BigInt(seed)])
        : Float32Array.from({ length: size }, () => random.nextNormal());
    yield [name, { dtype, shape, data }];
  }
}

const manifestOf = (step: number): Omit<Manifest, 'files' | 'run'> => ({
  formatVersion: 1,
  createdAt: new Date(0).toISOString(),
  step,
  elapsedMs: 0.1 + 0.2,
  rateScale: 1,
  budgetMs: null,
  plan: [{ fromStep: 0, totalSteps: 100, decayStart: 50 }],
  events: { bytes: 10, sha256: 'abc' },
  watch: {
    guard: { mean: 0.1, variance: 0.2, seen: 3, skippedInARow: 0, highInARow: 0, skipped: 0 },
    rewinds: 0,
    best: null,
    sinceBest: 0,
  },
  versions: { lacuna: '0', node: '0', onnxruntime: '0' },
  threads: 2,
});

async function collect(tensors: NamedTensors) {
  const values = new Map<string, unknown>();
  for await (const [name, { data }] of tensors) values.set(name, data);
  return values;
}

let root: string;
let checkpoints: Checkpoints;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-checkpoints-'));
  checkpoints = new Checkpoints(root, TYPES, 'this run');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const write = (step: number) => checkpoints.write(manifestOf(step), stateOf(step));

describe('Checkpoints', () => {
  it('come back bit for bit, the newest first', async () => {
    await write(9);
    await write(1_234_567_890);
    await write(10);
    const { intact, damaged } = await checkpoints.newestIntact();
    expect(damaged).toEqual([]);
    expect(intact?.manifest).toMatchObject({ ...manifestOf(1_234_567_890), run: 'this run' });
    expect(await collect(checkpoints.read(intact as Checkpoint))).toEqual(
      await collect(stateOf(1_234_567_890)),
    );
    expect((await checkpoints.at(9)).manifest.step).toBe(9);
  });

  it('keep the newest and the best, and lose what was half-written', async () => {
    for (const step of [10, 20, 30, 40]) await write(step);
    await mkdir(join(root, '.step-000000050.saving-1-a'));
    await checkpoints.sweep();
    await checkpoints.retain(1, 20);
    expect((await readdir(root)).sort()).toEqual(['step-000000020', 'step-000000040']);
  });

  it('replace one of the same step', async () => {
    await write(10);
    await checkpoints.write(manifestOf(10), stateOf(11));
    const { intact } = await checkpoints.newestIntact();
    expect(await collect(checkpoints.read(intact as Checkpoint))).toEqual(await collect(stateOf(11)));
    expect(await readdir(root)).toEqual(['step-000000010']);
  });

  it('refuse tensors that are not those of the program, and leave nothing', async () => {
    async function* short(): NamedTensors {
      for await (const each of stateOf(1)) if (each[0] !== 'bias') yield each;
    }
    await expect(checkpoints.write(manifestOf(1), short())).rejects.toThrow('expected 4 tensors, got 3');
    async function* swapped(): NamedTensors {
      yield ['bias', { dtype: 'float32', shape: [7], data: new Float32Array(7) }];
    }
    await expect(checkpoints.write(manifestOf(1), swapped())).rejects.toThrow(
      /expected 'weight'.*got 'bias'/,
    );
    expect(await readdir(root)).toEqual([]);
  });
});

describe('a damaged checkpoint is found and passed over', () => {
  const damages: [string, (path: string) => Promise<void>, RegExp][] = [
    ['without a manifest', (path) => unlink(join(path, 'manifest.json')), /a file of it is missing/],
    ['without its state', (path) => unlink(join(path, 'state.safetensors')), /a file of it is missing/],
    [
      'with a state cut short',
      (path) => truncate(join(path, 'state.safetensors'), 300),
      /expected \d+ bytes, got 300/,
    ],
    ['with an empty manifest', (path) => truncate(join(path, 'manifest.json'), 0), /expected JSON/],
    ['with a manifest cut short', (path) => truncate(join(path, 'manifest.json'), 200), /expected JSON/],
    [
      'of another run',
      async (path) => {
        const other = new Checkpoints(root, TYPES, 'another run');
        await rm(path, { recursive: true });
        await other.write(manifestOf(20), stateOf(20));
      },
      /it belongs to another run/,
    ],
  ];
  it.each(damages)('%s', async (_, damage, problem) => {
    await write(10);
    const { path } = await write(20);
    await damage(path);
    const { intact, damaged } = await checkpoints.newestIntact();
    expect(intact?.manifest.step).toBe(10);
    expect(damaged).toEqual([{ path, problem: expect.stringMatching(problem) }]);
    await checkpoints.setAside({ path, problem: '' });
    await checkpoints.retain(1, undefined);
    expect((await readdir(root)).sort()).toEqual(['step-000000010', 'step-000000020.damaged']);
  });

  it('with one byte flipped anywhere in any of its files', async () => {
    const { path } = await write(20);
    const copy = join(root, 'copy');
    await cp(path, copy, { recursive: true });
    const random = new RandomStream(7, RandomPurpose.sampling);
    for (const file of ['manifest.json', 'state.safetensors']) {
      const bytes = await readFile(join(copy, file));
      for (let offset = 0; offset < bytes.length; offset += 3) {
        const flipped = Buffer.from(bytes);
        flipped[offset] = (flipped[offset] as number) ^ (1 << random.nextInt(8));
        await writeFile(join(path, file), flipped);
        const { intact, damaged } = await checkpoints.newestIntact();
        expect(intact, `${file} at byte ${offset}`).toBeUndefined();
        expect(damaged).toHaveLength(1);
      }
      await writeFile(join(path, file), bytes);
    }
    expect((await checkpoints.newestIntact()).intact?.manifest.step).toBe(20);
  });
});
