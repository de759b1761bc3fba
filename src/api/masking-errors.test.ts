import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditMasking } from './audit-masking.js';
import { compareMasking } from './compare-masking.js';
import { trainTokenizer } from './tokenizer.js';
import { TrialCache } from './trial-cache.js';

let root: string;
let text: string;
let tokenizer: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-masking-errors-'));
  text = join(root, 'text.txt');
  tokenizer = join(root, 'tokenizer.json');
  const sentence = 'The people of the nation know the state of the Union by heart. ';
  await writeFile(text, `${sentence.repeat(8)}\n\n`.repeat(12));
  await trainTokenizer({ paths: [text], model: 'wordpiece', vocabSize: 80, out: tokenizer });
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('auditMasking', () => {
  it('names the bugs that can be planted, and a token that is to be left alone but is none', async () => {
    const asked = { paths: [text], decisions: 500 };
    await expect(auditMasking({ ...asked, planted: 'none-such' })).rejects.toThrow(
      "no planted bug 'none-such'; there are never-masks,",
    );
    const maskingOptions = { neverMask: 'zzzz' };
    await expect(auditMasking({ ...asked, masking: 'uniform', maskingOptions })).rejects.toThrow(
      "neverMask: the vocabulary has no token 'zzzz'",
    );
  });

  it('needs a tokenizer and lines to audit what another collator gave', async () => {
    const empty = join(root, 'empty.jsonl');
    await writeFile(empty, '\n\n');
    await expect(auditMasking({ paths: [empty], jsonl: true })).rejects.toThrow('give its --tokenizer');
    await expect(auditMasking({ paths: [empty], jsonl: true, tokenizer })).rejects.toThrow(
      'there is no line to audit',
    );
    const bad = join(root, 'bad.jsonl');
    await writeFile(bad, '{"input_ids": [1, 2], "labels": [1]}\n');
    await expect(auditMasking({ paths: [bad], jsonl: true, tokenizer })).rejects.toThrow(
      'line 1: 2 input_ids, but 1 labels or original_ids',
    );
  });
});

describe('compareMasking', () => {
  const sizes = { hidden: 16, layers: 1, sequenceLength: 16, batchSize: 2, vocabSize: 120, threads: 1 };
  const compare = (more: Partial<Parameters<typeof compareMasking>[0]>) =>
    compareMasking({
      paths: [text],
      strategies: ['uniform'],
      seeds: [0],
      steps: 2,
      out: join(root, 'out'),
      ...sizes,
      ...more,
    });

  it('needs a strategy and a seed', async () => {
    await expect(compare({ strategies: [] })).rejects.toThrow('at least one strategy and one seed');
    await expect(compare({ seeds: [] })).rejects.toThrow('at least one strategy and one seed');
    await expect(compare({ strategies: ['unifrom'] })).rejects.toThrow("no masking strategy 'unifrom'");
  });

  it('keeps the runs that are done when it is interrupted', async () => {
    const out = join(root, 'interrupted');
    const controller = new AbortController();
    const onProgress = (line: string) => line.startsWith('uniform, seed 0') && controller.abort();
    const asking = compare({ seeds: [0, 1], out, signal: controller.signal, onProgress });
    await expect(asking).rejects.toThrow('the runs that are done are kept');
    expect((await readdir(out)).filter((name) => name.endsWith('.json'))).toHaveLength(1);
  });

  it('says which stored result is none, and what it cannot write', async () => {
    const never = () => Promise.reject(new Error('ran'));
    await writeFile(join(root, 'run.json'), '{"seed": "x"}');
    await expect(new TrialCache(root).getOrRun('run', never)).rejects.toThrow(
      /run\.json: not the result of a run/,
    );
    const result = { seed: 0, steps: 1, lossNats: 1, accuracy: 1, squaredGradientNorm: 1 };
    const trial = { ...result, trainingSurprisalNats: 1, trainMs: 1 };
    await expect(new TrialCache(text).getOrRun('run', async () => trial)).rejects.toThrow(
      /cannot write '.*run\.json'/,
    );
  });
});
