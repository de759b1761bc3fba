import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLabelledTexts, readTaggedSentences, splitByGroup } from './labelled.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-labelled-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function file(name: string, content: string): Promise<string> {
  const path = join(root, name);
  await writeFile(path, content);
  return path;
}

describe('readLabelledTexts', () => {
  it('reads JSON lines and tables alike', async () => {
    const json = '{"text":"one, two","label":"a","group":"g"}\n\n{"text":"three","label":2}\n';
    const expected = [
      { text: 'one, two', label: 'a', group: 'g' },
      { text: 'three', label: '2', group: '3' },
    ];
    expect(await readLabelledTexts(await file('d.jsonl', json))).toEqual(expected);
    const csv = 'Label,text,group\na,"one, two",g\n2,three,\n';
    expect(await readLabelledTexts(await file('d.csv', csv))).toEqual(expected);
    const tsv = 'text\tlabel\tgroup\none, two\ta\tg\nthree\t2\n';
    expect(await readLabelledTexts(await file('d.tsv', tsv))).toEqual(expected);
  });

  it.each([
    ['d.jsonl', '{"text":"a","label":"b"}\n{"text":', 'd.jsonl:2: expected a line of JSON'],
    ['d.jsonl', '{"text":"a"}', 'd.jsonl:1: label: '],
    ['d.csv', 'words,label\na,b', 'd.csv:1: expected columns named text and label, got words, label'],
    ['d.csv', 'text,label\na', 'd.csv: row 2 has no text or no label; it holds 1 cells'],
  ])('%s: %j is refused', async (name, content, message) => {
    await expect(readLabelledTexts(await file(name, content))).rejects.toThrow(message);
  });
});

describe('readTaggedSentences', () => {
  it('reads CoNLL columns, words that look like comments too', async () => {
    const conll = '# group = x\n# a comment\nThe\tDT\n#\tSYM\n\n\ndog NN extra B-A\n';
    expect(await readTaggedSentences(await file('d.conll', conll))).toEqual([
      { words: ['The', '#'], tags: ['DT', 'SYM'], group: 'x' },
      { words: ['dog'], tags: ['B-A'], group: 'x' },
    ]);
  });

  it('reads JSON lines', async () => {
    const json = '{"words":["a","b"],"tags":["X","Y"]}';
    const expected = [{ words: ['a', 'b'], tags: ['X', 'Y'], group: '1' }];
    expect(await readTaggedSentences(await file('d.jsonl', json))).toEqual(expected);
  });

  it('names the line of what has no tag', async () => {
    await expect(readTaggedSentences(await file('d.conll', 'a\tX\nb\n'))).rejects.toThrow(
      "d.conll:2: expected a word and its tag, got 'b'",
    );
    await expect(readTaggedSentences(await file('d.jsonl', '{"words":["a"],"tags":[]}'))).rejects.toThrow(
      'd.jsonl:1: line: expected a tag for each word',
    );
  });
});

describe('splitByGroup', () => {
  const items = Array.from({ length: 300 }, (_, index) => ({ group: `g${index % 100}`, index }));

  it('puts a group on one side, always the same, and keeps every item', () => {
    const { train, validation, test } = splitByGroup(items);
    expect([...train, ...validation, ...test].map(({ index }) => index).sort((a, b) => a - b)).toEqual(
      items.map(({ index }) => index),
    );
    const groups = [train, validation, test].map((part) => new Set(part.map(({ group }) => group)));
    expect(groups.reduce((sum, { size }) => sum + size, 0)).toBe(100);
    expect(train.length).toBeGreaterThan(200);
    const half = splitByGroup(items.slice(0, 150));
    expect(test.slice(0, half.test.length)).toEqual(half.test);
  });

  it('refuses what is too little', () => {
    expect(() => splitByGroup(items.slice(0, 2))).toThrow('2 examples in 2 groups are too few');
  });
});
