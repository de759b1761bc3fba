import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import pc from 'picocolors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from './run.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-data-'));
  await mkdir(join(root, 'corpus', 'deep'), { recursive: true });
  await writeFile(join(root, 'corpus', 'a.txt'), 'The state of the union is strong, my friends.');
  await writeFile(join(root, 'corpus', 'b.txt'), 'Another text altogether: it says & does other things.');
  await writeFile(join(root, 'corpus', 'deep', 'c.txt'), 'the  state of the union\nis strong, MY friends.\n');
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function data(...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const output = (stream: PassThrough) => ({ stream, colors: pc.createColors(false), isLive: false });
  const status = await run(['data', ...args], {
    terminal: { stdout: output(stdout), stderr: output(stderr) },
    loadApi: () => Promise.reject(new Error('not needed')),
    loadAsk: () => Promise.reject(new Error('not needed')),
    exitStatus: 0,
  });
  return { status, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

describe('lacuna data', () => {
  it('counts', async () => {
    const { stdout, status } = await data('stats', join(root, 'corpus'), '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ documents: 3, words: 26, distinctWords: 16, duplicates: 1 });
    expect((await data('stats', join(root, 'corpus'))).stdout).toMatch(
      /documents that repeat an earlier one +1\n/,
    );
  });

  it('leaves out what repeats, and says so', async () => {
    const out = join(root, 'unique');
    const { stdout, status } = await data('dedup', join(root, 'corpus'), '--out', out);
    expect(status).toBe(0);
    expect(stdout).toMatch(/deep\/c\.txt +a\.txt +100\.0 %\n/);
    expect(stdout).toMatch(/2 documents kept in .*unique, 1 left out \(47 bytes\)/);
    expect(await readdir(out)).toEqual(['a.txt', 'b.txt']);
    expect(await readFile(join(out, 'a.txt'), 'utf8')).toMatch(/^The state of the union/);
  });

  it('replaces nothing, and leaves nothing when it cannot write', async () => {
    const taken = await data('dedup', join(root, 'corpus'), '--out', join(root, 'corpus'));
    expect(taken.stderr).toMatch(/^lacuna: '.*corpus' exists; choose another --out\n$/);
    expect(taken.status).toBe(1);
    const inFile = await data('dedup', join(root, 'corpus'), '--out', join(root, 'corpus', 'a.txt', 'x'));
    expect(inFile.status).toBe(1);
    expect(inFile.stderr).toMatch(/a part of the path is not a directory/);
    expect(await readdir(root)).toEqual(['corpus']);
  });
});
