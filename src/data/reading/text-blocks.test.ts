import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataError, FileError } from '../../core/index.js';
import { findFiles } from './index.js';
import { blocksOf as readBlocks } from './text.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-blocks-'));
});
afterEach(() => rm(root, { recursive: true }));

async function blocksOf(content: string | Uint8Array): Promise<string[]> {
  const path = join(root, 'text.txt');
  await writeFile(path, content);
  const blocks: string[] = [];
  for (const file of await findFiles([path]))
    for await (const { text } of readBlocks(file)) blocks.push(text);
  return blocks;
}

const MEBIBYTE = 1 << 20;

describe('blocksOf', () => {
  it('cuts a file at line ends, and gives all of it', async () => {
    const text = Array.from({ length: 300_000 }, (_, line) => `naïve ${line} 日本\n`).join('');
    const blocks = await blocksOf(text);
    expect(blocks.join('')).toBe(text);
    expect(blocks.length).toBeGreaterThan(3);
    for (const block of blocks) expect(block.endsWith('\n')).toBe(true);
  });

  it('cuts an endless line before a space, and one without spaces before a character', async () => {
    const words = 'lorem ipsum '.repeat(MEBIBYTE / 4);
    const cut = await blocksOf(words);
    expect(cut.join('')).toBe(words);
    expect(cut.length).toBeGreaterThan(1);
    for (const block of cut.slice(1)) expect(block.startsWith(' ')).toBe(true);
    const wide = `a${'😀'.repeat(MEBIBYTE)}`;
    const pieces = await blocksOf(wide);
    expect(pieces.join('')).toBe(wide);
    expect(pieces.length).toBeGreaterThan(2);
  });

  it('drops a byte-order mark at the beginning of a file, and keeps the others', async () => {
    expect(await blocksOf('\ufeffa\n\ufeffb')).toEqual(['a\n', '\ufeffb']);
  });

  it('gives nothing for an empty file, and the last line without an end', async () => {
    expect(await blocksOf('')).toEqual([]);
    expect((await blocksOf('a\nb')).join('')).toBe('a\nb');
  });

  it('names byte and line of what is no text, blocks before it counted', async () => {
    const before = Buffer.from('line\n'.repeat(MEBIBYTE));
    const malformed = Buffer.concat([before, Buffer.of(0x61, 0xff)]);
    await expect(blocksOf(malformed)).rejects.toThrow(DataError);
    await expect(blocksOf(malformed)).rejects.toThrow(
      `text.txt' is not valid UTF-8 at byte ${before.length + 1} (line ${MEBIBYTE + 1})`,
    );
    await expect(blocksOf(Buffer.concat([before, Buffer.of(0)]))).rejects.toThrow(
      `byte ${before.length} is NUL`,
    );
  });

  it('says which file cannot be read', async () => {
    const path = join(root, 'gone.txt');
    await writeFile(path, 'text');
    const files = await findFiles([path]);
    await rm(path);
    const read = async () => {
      for (const file of files) for await (const block of readBlocks(file)) expect(block.text).toBe('');
    };
    await expect(read()).rejects.toThrow(FileError);
    await expect(read()).rejects.toThrow(/cannot read '.*gone\.txt'/);
  });
});
