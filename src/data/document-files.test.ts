import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DataError } from '../core/index.js';
import { DocumentFiles, type SourceFile } from './document-files.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-documents-'));
});
afterEach(() => rm(root, { recursive: true }));

async function write(sources: readonly SourceFile[], documents: Readonly<Record<string, string>>) {
  const files = new DocumentFiles(root, sources);
  try {
    for (const [id, text] of Object.entries(documents)) await files.write({ id, text });
  } finally {
    await files.close();
  }
}

const read = (name: string) => readFile(join(root, name), 'utf8');

it('puts pieces of a text together again, and records into JSONL', async () => {
  const sources = [
    { id: 'deep/a.txt.gz', format: 'text' },
    { id: 'b:3', format: 'text' },
    { id: 'c.jsonl', format: 'jsonl' },
    { id: 'd.CSV.zst', format: 'csv' },
  ];
  await write(sources, {
    'deep/a.txt.gz#0': 'one\n',
    'deep/a.txt.gz#2': 'three',
    'b:3': 'a name like that of a record',
    'c.jsonl:1': 'two\nlines "quoted"',
    'c.jsonl:900': 'x'.repeat(3 << 20),
    'd.CSV.zst:7': 'é',
  });
  expect(await readdir(root, { recursive: true })).toEqual(
    expect.arrayContaining(['deep/a.txt', 'b:3', 'c.jsonl', 'd.CSV.jsonl']),
  );
  expect(await read('deep/a.txt')).toBe('one\nthree');
  expect(await read('b:3')).toBe('a name like that of a record');
  const [first = '', second = '', end] = (await read('c.jsonl')).split('\n');
  expect(JSON.parse(first)).toEqual({ id: 'c.jsonl:1', text: 'two\nlines "quoted"' });
  expect(JSON.parse(second)).toEqual({ id: 'c.jsonl:900', text: 'x'.repeat(3 << 20) });
  expect(end).toBe('');
  expect(await read('d.CSV.jsonl')).toBe('{"id":"d.CSV.zst:7","text":"é"}\n');
});

it('writes no file twice, and none outside', async () => {
  const sources = [
    { id: 'a.txt', format: 'text' },
    { id: 'a.txt.gz', format: 'text' },
  ];
  const twice = write(sources, { 'a.txt': 'one', 'a.txt.gz': 'two' });
  await expect(twice).rejects.toThrow(DataError);
  await expect(twice).rejects.toThrow("two files of the corpus would both be written as 'a.txt'");
  const outside = write([{ id: '../a.txt', format: 'text' }], { '../a.txt': 'x' });
  await expect(outside).rejects.toThrow(/'..\/a\.txt' would lie outside/);
});
