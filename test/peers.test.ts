import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { start } from './command.js';

const script = (path: string) => fileURLToPath(new URL(`../bench/peers/${path}`, import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lacuna-peers-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const json = async (name: string) => JSON.parse(await readFile(join(folder, name), 'utf8'));

it('the comparison with peers measures Lacuna by itself', async () => {
  const small = ['--preset', 'tiny', '--sequence-length', '16', '--batch-tokens', '64'];
  const brief = [
    '--peers',
    'lacuna',
    '--rounds',
    '1',
    '--seconds',
    '0.05',
    '--json',
    join(folder, 'out.json'),
  ];
  const { status, stderr } = await start(process.execPath, [script('run.mjs'), ...small, ...brief]).finished;
  expect(status, stderr).toBe(0);
  const { batchTokens, results } = await json('out.json');
  expect(batchTokens).toBe(64);
  expect(results).toHaveLength(1);
  expect(results[0]).toMatchObject({ name: 'lacuna', ratio: 1 });
  expect(results[0].tokensPerSecond).toBeGreaterThan(0);
  // Close to a uniform guess: the model has learned nothing yet.
  expect(results[0].initialLossNats).toBeCloseTo(Math.log(4096 - 5), 0);
});

it('the peer of time to quality gets the split, the tokenizer and the masks of Lacuna', async () => {
  const text = 'The ship sailed past the old harbour. The captain kept a log of every storm. '.repeat(200);
  const corpus = join(folder, 'corpus.txt');
  await writeFile(corpus, text);
  const sizes = ['--vocab-size', '60', '--sequence-length', '16', '--out', folder];
  const { status, stderr } = await start(process.execPath, [script('run_mlm/export.mjs'), corpus, ...sizes])
    .finished;
  expect(status, stderr).toBe(0);
  const [heldOut, facts] = [await json('held-out.json'), await json('facts.json')];
  expect(heldOut.byteLengths).toHaveLength(facts.vocabSize);
  for (const { inputIds, positions, labels } of heldOut.batches) {
    expect(labels).toHaveLength(positions.length);
    expect(Math.max(...positions)).toBeLessThan(inputIds.length);
    expect(labels.every((id: number) => !heldOut.specialIds.includes(id))).toBe(true);
  }
  const train = await readFile(join(folder, 'train.txt'), 'utf8');
  expect(train.length).toBeGreaterThan(text.length / 2);
  expect(train.split('\n').slice(0, -1)).not.toContain('');
});
