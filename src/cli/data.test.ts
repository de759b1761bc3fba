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

  it('reads tables, tells what filters left out, and writes records as JSONL', async () => {
    const rows = [
      { text: 'The state of the union is strong, my friends.', lang: 'en' },
      { text: 'the STATE of the union is strong,  my friends.', lang: 'en' },
      { text: 'Kurz', lang: 'de' },
      { text: 'Zwei kurze Worte', lang: 'de' },
      { text: 'Deux mots', lang: 'fr' },
    ];
    const path = join(root, 'rows.jsonl');
    await writeFile(path, rows.map((row) => JSON.stringify(row)).join('\n'));
    const filters = ['--where', "lang <> 'fr'", '--min-words', '2'];
    const stats = JSON.parse((await data('stats', path, ...filters, '--json')).stdout);
    expect(stats).toMatchObject({
      documents: 3,
      duplicates: 1,
      exactDuplicates: 1,
      leftOut: { '--min-words': 1 },
    });
    expect(stats.examples).toEqual([{ id: 'rows.jsonl:2', of: 'rows.jsonl:1', similarity: 1, bytes: 46 }]);
    const table = (await data('stats', path, ...filters)).stdout;
    expect(table).toMatch(
      /left out by --min-words +1\n {2}rows\.jsonl:2 repeats rows\.jsonl:1 \(100\.0 %\)\n$/,
    );

    const out = join(root, 'new', 'unique');
    const { stdout } = await data(
      'dedup',
      path,
      join(root, 'corpus', 'b.txt'),
      '--min-words',
      '2',
      '--out',
      out,
    );
    expect(stdout).toMatch(
      /4 documents kept in .*unique, 1 left out \(46 bytes\)\nleft out by --min-words +1\n$/,
    );
    expect((await readdir(out)).sort()).toEqual(['b.txt', 'rows.jsonl']);
    const kept = (await readFile(join(out, 'rows.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(kept.map((line) => JSON.parse(line))).toEqual([
      { id: 'rows.jsonl:1', text: rows[0]?.text },
      { id: 'rows.jsonl:4', text: rows[3]?.text },
      { id: 'rows.jsonl:5', text: rows[4]?.text },
    ]);
    const again = JSON.parse(
      (await data('dedup', out, '--extension', '.jsonl', '.txt', '--out', join(root, 'again'), '--json'))
        .stdout,
    );
    expect(again).toMatchObject({ duplicates: [], leftOut: {} });
    expect(again.kept).toHaveLength(4);
  });
});
