import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataError, FileError } from '../../core/index.js';
import { readCorpus } from './index.js';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-corpus-'));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

async function write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
}

const read = (...paths: string[]) => readCorpus(paths.map((path) => join(root, path)));
const idsOf = async (...paths: string[]) => (await read(...paths)).map(({ id }) => id);

describe('readCorpus', () => {
  it('reads the text files of a directory, sorted, and nothing else', async () => {
    await write({
      'b.txt': 'b',
      'a/z.MD': 'z',
      'a/b.txt': 'ab',
      'image.png': Uint8Array.of(0),
      '.hidden.txt': 'hidden',
      '.git/c.txt': 'hidden',
      'node_modules/d/readme.md': 'no',
      'empty.txt': ' \n',
    });
    const documents = await read('.');
    expect(documents).toEqual([
      { id: 'a/b.txt', text: 'ab' },
      { id: 'a/z.MD', text: 'z' },
      { id: 'b.txt', text: 'b' },
    ]);
  });

  it('takes other extensions when told', async () => {
    await write({ 'a.log': 'a', 'b.txt': 'b' });
    expect(await readCorpus([root], { extensions: ['.log'] })).toEqual([{ id: 'a.log', text: 'a' }]);
  });

  it('reads a file that is named outright whatever its extension, and drops a byte-order mark', async () => {
    await write({ 'notes.log': '\ufeffnotes' });
    expect(await read('notes.log')).toEqual([{ id: 'notes.log', text: 'notes' }]);
  });

  it('reads patterns; ids do not depend on where the folder is', async () => {
    await write({
      'x/1.txt': '1',
      'x/y/2.txt': '2',
      'x/y/3.md': '3',
      'x/node_modules/4.txt': '4',
      'x/.5.txt': '5',
    });
    expect(await idsOf('x/**/*.txt')).toEqual(['1.txt', 'y/2.txt']);
    expect(await idsOf('x/*.txt')).toEqual(['1.txt']);
    expect(await idsOf('x/y/?.{md,txt}')).toEqual(['2.txt', '3.md']);
    expect(await idsOf('*/y/*.md')).toEqual(['x/y/3.md']);
  });

  it('prefers a file whose name looks like a pattern', async () => {
    await write({ 'a[1].txt': 'one', 'a1.txt': 'other' });
    expect(await idsOf('a[1].txt')).toEqual(['a[1].txt']);
  });

  it('reads a file once that is named twice, and follows links to files', async () => {
    await write({ 'a.txt': 'a', 'real.dat': 'linked' });
    await symlink(join(root, 'real.dat'), join(root, 'link.txt'));
    const documents = await readCorpus([`${root}/a.txt`, `${root}/./a.txt`, `${root}/*.txt`, root]);
    expect(documents.map(({ id }) => id)).toEqual(['a.txt', 'link.txt']);
  });

  it('names what is missing', async () => {
    await expect(read('nowhere')).rejects.toThrow(FileError);
    await expect(read('nowhere')).rejects.toThrow(/^no such file or directory: '.*nowhere'$/);
    await expect(read('*.txt')).rejects.toThrow(/^no file matches the pattern '.*\*\.txt'$/);
    await expect(read('nowhere/*.txt')).rejects.toThrow(/^no file matches the pattern/);
    await write({ 'a.txt': 'a' });
    await expect(read('a.txt/b')).rejects.toThrow(FileError);
  });

  it('says what a directory without text files lacks', async () => {
    await write({ 'picture.png': 'a,b' });
    await expect(read('.')).rejects.toThrow(DataError);
    await expect(read('.')).rejects.toThrow(/no text file in the directory .*: expected \.txt .*\.md/);
  });

  it('says that a corpus is empty', async () => {
    await write({ 'a.txt': '', 'b.txt': ' \n\t' });
    await expect(read('.')).rejects.toThrow(DataError);
    await expect(read('.')).rejects.toThrow(/^no text in '.*': expected at least one word$/);
  });

  it('names the file that is not text, even inside a directory', async () => {
    await write({ 'good.txt': 'good', 'sub/bad.txt': Uint8Array.of(0x61, 0x0a, 0xe9, 0x20) });
    await expect(read('.')).rejects.toThrow(/bad\.txt' is not valid UTF-8 at byte 2 \(line 2\)/);
    await write({ 'sub/bad.txt': Uint8Array.of(0x61, 0) });
    await expect(read('.')).rejects.toThrow(/bad\.txt' is not text: byte 1 is NUL/);
  });

  it('refuses a device', async () => {
    await expect(readCorpus(['/dev/null'])).rejects.toThrow("'/dev/null' is a device or a socket");
  });
});
