import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeDurably, writeFileInPlace } from './durable.js';
import { isLeftover, recoverReplaced, siblingName, writeDirectory } from './replace.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-files-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const content = (text: string) => (directory: string) =>
  writeDurably(join(directory, 'a'), Buffer.from(text));

describe('writeDirectory', () => {
  it('makes and replaces a directory, and leaves nothing else', async () => {
    const target = join(root, 'deep', 'target');
    await writeDirectory(target, content('one'));
    await writeDirectory(target, content('two'));
    expect(await readFile(join(target, 'a'), 'utf8')).toBe('two');
    expect(await readdir(join(root, 'deep'))).toEqual(['target']);
  });

  it('leaves the old one as it was when filling fails', async () => {
    const target = join(root, 'target');
    await writeDirectory(target, content('one'));
    const failing = writeDirectory(target, async (directory) => {
      await content('two')(directory);
      throw new Error('half-way');
    });
    await expect(failing).rejects.toThrow('half-way');
    expect(await readFile(join(target, 'a'), 'utf8')).toBe('one');
    expect(await readdir(root)).toEqual(['target']);
  });

  it('puts back what a killed process had moved aside', async () => {
    const target = join(root, 'target');
    await writeDirectory(target, content('one'));
    await rename(target, siblingName(target, 'replaced'));
    await recoverReplaced(target);
    await recoverReplaced(target); // there is nothing left to do
    expect(await readFile(join(target, 'a'), 'utf8')).toBe('one');
    expect(await readdir(root)).toEqual(['target']);
    await recoverReplaced(join(root, 'missing', 'target'));
  });

  it('knows its own leftovers', () => {
    expect(isLeftover(siblingName('x', 'saving'))).toBe(true);
    expect(isLeftover('step-000000001')).toBe(false);
    expect(isLeftover('.hidden')).toBe(false);
  });
});

describe('writeFileInPlace', () => {
  it('replaces a file, or leaves it when it cannot', async () => {
    const path = join(root, 'file');
    await writeFileInPlace(path, Buffer.from('one'));
    await writeFileInPlace(path, Buffer.from('two'));
    expect(await readFile(path, 'utf8')).toBe('two');
    await writeFile(join(root, 'not-a-directory'), '');
    await expect(writeFileInPlace(join(root, 'not-a-directory', 'x'), Buffer.from('x'))).rejects.toThrow();
    expect((await readdir(root)).sort()).toEqual(['file', 'not-a-directory']);
  });
});
