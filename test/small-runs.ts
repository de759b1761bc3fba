import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Finished, lacuna, type Running, startLacuna } from './command.js';

/** Options of a run that takes a moment, with a checkpoint after every four of its steps. */
export const TINY = [
  ...['--vocab-size', '150', '--sequence-length', '16', '--checkpoint-every', '4'],
  ...['--layers', '1', '--hidden', '32', '--heads', '2', '--feed-forward', '32'],
];
export const STEPS = ['--steps', '24'];

/** The line in which a command says why it failed. */
export const lastLine = ({ stderr }: Finished) => stderr.trimEnd().split('\n').at(-1) ?? '';

/** The names in the checkpoint directory of the run that writes the model `out`. */
export const checkpointsOf = async (out: string) => (await readdir(join(`${out}.run`, 'checkpoints'))).sort();

/** A directory with a corpus and a finished run, to which other runs are compared. */
export class SmallRuns {
  private constructor(
    readonly root: string,
    readonly corpus: string,
    readonly reference: string,
    /** What the run in `reference` said. */
    readonly printed: string,
  ) {}

  static async make(): Promise<SmallRuns> {
    const root = await mkdtemp(join(tmpdir(), 'lacuna-reliability-'));
    const [corpus, reference] = [join(root, 'corpus'), join(root, 'reference')];
    await writeCorpus(corpus);
    const { status, stderr } = await lacuna('train', corpus, '--out', reference, ...STEPS, ...TINY);
    expect(status).toBe(0);
    return new SmallRuns(root, corpus, reference, stderr);
  }

  /** The model directory of a name. */
  out(name: string): string {
    return join(this.root, name);
  }

  /** The command line of the run that every other is compared to, into another directory. */
  args(name: string): string[] {
    return ['train', this.corpus, '--out', this.out(name), ...STEPS, ...TINY];
  }

  start(name: string, options: { env?: object } = {}): Running {
    return startLacuna(this.args(name), options);
  }

  train(name: string): Promise<Finished> {
    return lacuna(...this.args(name));
  }

  resume(name: string): Promise<Finished> {
    return lacuna('train', '--resume', `${this.out(name)}.run`);
  }

  /** A run in which every thread loads a module first: the fault that it causes is in no shipped code. */
  preloaded(name: string, source: string): Running {
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(source)}`;
    return this.start(name, { env: { NODE_OPTIONS } });
  }

  /** Kills a run after its second checkpoint; gives its model directory. */
  async killed(name: string): Promise<string> {
    const running = this.start(name);
    await running.seen('checkpoint step 8');
    running.child.kill('SIGKILL');
    await running.finished;
    return this.out(name);
  }

  /** Asserts that a run ended like another, or like the one that nothing happened to, bit for bit. */
  async expectSame(out: string, other = this.reference): Promise<void> {
    const files = (model: string) => [join(model, 'model.safetensors'), join(`${model}.run`, 'events.jsonl')];
    for (const [index, path] of files(out).entries()) {
      expect(await readFile(path), path).toEqual(await readFile(files(other)[index] as string));
    }
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }
}

async function writeCorpus(directory: string): Promise<void> {
  await mkdir(directory);
  for (let document = 0; document < 40; document++) {
    const words = Array.from({ length: 120 }, (_, index) => `w${(document * 7 + index * index) % 40}`);
    await writeFile(join(directory, `${document}.txt`), `${words.join(' ')}.\n`);
  }
}
