import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { train } from '../src/api/index.js';
import { MODEL_FILES, openCheckpoint, saveModelDirectory } from '../src/hub/index.js';
import { trainWordPiece } from '../src/tokenize/index.js';
import { lacuna, startLacuna } from './command.js';

const schema = z.object({
  cases: z.array(z.object({ name: z.string(), config: z.looseObject({}), safetensors: z.base64() })),
});
const golden = new URL('../src/hub/goldens/round-trip.golden.json', import.meta.url);
const { cases } = schema.parse(JSON.parse(await readFile(golden, 'utf8')));

/** Words that the small vocabulary of the goldens cuts into several tokens each. */
const WORDS = ['nations', 'tents', 'stones', 'notes', 'hats', 'the', 'state', 'of', 'union'];
const RESULT = z.object({ modelDir: z.string(), heldOut: z.object({ bitsPerByte: z.number() }) });

let root: string;
let corpus: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-continue-'));
  corpus = await writeCorpus('corpus', WORDS);
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function writeCorpus(name: string, vocabulary: readonly string[]): Promise<string> {
  const directory = join(root, name);
  await mkdir(directory);
  for (let document = 0; document < 40; document++) {
    const words = Array.from(
      { length: 60 },
      (_, index) => vocabulary[(document + index) % vocabulary.length],
    );
    await writeFile(join(directory, `${document}.txt`), words.join(' '));
  }
  return directory;
}

const lacunaJson = async (dir: string) => JSON.parse(await readFile(join(dir, 'lacuna.json'), 'utf8'));
const card = (dir: string) => readFile(join(dir, 'README.md'), 'utf8');

/** A directory as transformers saved it, with the tokenizer that it was saved with. */
async function savedByTransformers({ name, config, safetensors }: (typeof cases)[number]): Promise<string> {
  const dir = join(root, name.replaceAll(/\W+/g, '-'));
  const tokenizer = trainWordPiece(['the state s of union'], { vocabSize: 24, minFrequency: 0 });
  const weights = new Map([['x', { shape: [1], data: new Float32Array(1) }]]);
  await saveModelDirectory(dir, { config, weights, tokenizer, card: '#\n' }, { overwrite: false });
  await writeFile(join(dir, MODEL_FILES.weights), Buffer.from(safetensors, 'base64'));
  return dir;
}

describe.each(cases)('going on from $name, as transformers saved it', (saved) => {
  it('lowers its held-out loss, with and without new tokens, and says where it came from', async () => {
    const from = await savedByTransformers(saved);
    const go = (name: string, options: object) =>
      train({ paths: [corpus], out: `${from}-${name}`, from, threads: 2, ...options });
    const rate = { learningRate: 1e-2 };
    const start = await go('start', { steps: 1, learningRate: 1e-9 });
    const same = await go('same', { steps: 24, ...rate });
    expect(same.heldOut.lossNats).toBeLessThan(start.heldOut.lossNats);
    const more = await go('more', { steps: 24, extendVocab: 3, ...rate });
    expect(more.config.vocabSize).toBe(same.config.vocabSize + 3);
    expect(more.heldOut.bitsPerByte).toBeLessThan(start.heldOut.bitsPerByte);
    const name = from.slice(root.length + 1);
    expect((await lacunaJson(same.modelDir)).startedFrom).toEqual({ name, newTokens: 0 });
    expect((await lacunaJson(more.modelDir)).startedFrom).toEqual({ name, newTokens: 3 });
    expect(await card(more.modelDir)).toContain(`from the model '${name}', whose vocabulary gained 3 tokens`);
    expect((await openCheckpoint(more.modelDir)).model.config.vocabSize).toBe(more.config.vocabSize);
  });
});

describe('lacuna train --from a directory of its own', () => {
  it('goes on with new tokens, and resumes where it was stopped, bit for bit', async () => {
    const base = join(root, 'base');
    const sizes = ['--vocab-size', '100', '--sequence-length', '16', '--layers', '1', '--hidden', '16'];
    const shape = ['--heads', '2', '--feed-forward', '16'];
    const others = await writeCorpus('others', [
      'the',
      'state',
      'of',
      'union',
      'tense',
      'noses',
      'hot',
      'nest',
      'assent',
    ]);
    const first = await lacuna('train', others, '--out', base, '--steps', '8', ...sizes, ...shape);
    expect(first.status, first.stderr).toBe(0);
    expect(await card(base)).toContain('trained from nothing');
    const goOn = (name: string) => [
      ...['train', corpus, '--out', join(root, name), '--from', base, '--extend-vocab', '2', '--json'],
      ...['--steps', '24', '--checkpoint-every', '4', '--learning-rate', '0.01'],
    ];
    const whole = await lacuna(...goOn('whole'));
    expect(whole.status, whole.stderr).toBe(0);
    const { modelDir, heldOut } = RESULT.parse(JSON.parse(whole.stdout));
    const start = await lacuna('eval', corpus, '--model', base, '--json');
    const before = z.object({ bitsPerByte: z.number() }).parse(JSON.parse(start.stdout));
    expect(heldOut.bitsPerByte).toBeLessThan(before.bitsPerByte);
    expect((await lacunaJson(modelDir)).startedFrom).toEqual({ name: 'base', newTokens: 2 });
    const stopped = startLacuna(goOn('stopped'));
    await stopped.seen('checkpoint step 8');
    stopped.child.kill('SIGKILL');
    await stopped.finished;
    const resumed = await lacuna('train', '--resume', join(root, 'stopped.run'));
    expect(resumed.status, resumed.stderr).toBe(0);
    const weights = (name: string) => readFile(join(root, name, MODEL_FILES.weights));
    expect((await weights('stopped')).equals(await weights('whole'))).toBe(true);
    expect((await lacunaJson(join(root, 'stopped'))).startedFrom).toEqual({ name: 'base', newTokens: 2 });
  });
});
