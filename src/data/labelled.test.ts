import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLabelledTexts, readTaggedSentences } from './labelled.js';
import { splitByGroup } from './split-groups.js';

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
    [
      'd.jsonl',
      '{"text":"a","label":"b"}\n{"text":',
      'd.jsonl:2: expected JSON lines, a whole object in each line: ',
    ],
    [
      'd.json',
      '[\n{"text":"a","label":"b"}\n]',
      'd.json:1: expected JSON lines, a whole object in each line: ',
    ],
    [
      'd.jsonl',
      '[{"text":"a"}]',
      'd.jsonl:1: expected an object such as {"text": "a text", "label": "its label"}, got [{',
    ],
    ['d.jsonl', '{"label":"a"}', 'd.jsonl:1: text: expected a text that is not blank, got nothing'],
    ['d.jsonl', '{"text":" ","label":"a"}', 'd.jsonl:1: text: expected a text that is not blank, got " "'],
    [
      'd.jsonl',
      '\n{"text":"a"}',
      'd.jsonl:2: label: expected a string that is not blank, or a number, got nothing',
    ],
    [
      'd.jsonl',
      '{"text":"a","label":true}',
      'd.jsonl:1: label: expected a string that is not blank, or a number, got true',
    ],
    [
      'd.jsonl',
      '{"text":"a","label":"b","group":[]}',
      'd.jsonl:1: group: expected a string that is not blank, or a number, got []',
    ],
    ['d.jsonl', ' \n\n', 'd.jsonl: expected JSON lines of {"text", "label"}, got none'],
    ['d.csv', '', 'd.csv:1: expected columns named text and label, got nothing'],
    ['d.csv', 'text,label\n', 'd.csv: expected rows below the header, got none'],
    ['d.csv', 'text;label\na;b', 'd.csv:1: expected columns named text and label, got text;label'],
    ['d.csv', 'text,label,Text\na,b,c', 'd.csv:1: expected one column named text, got several'],
    ['d.csv', 'text,label\na, b,c', 'd.csv:2: expected 2 cells as in the header, got 3; put cells'],
    ['d.csv', 'label,text\n"a\nb",c\nd,', 'd.csv:4: the row has no text; it holds 2 cells'],
    ['d.csv', 'text,label\n"a"b,c', 'd.csv:2: expected a delimiter or a line end after a quoted field'],
    ['d.csv', 'words,label\na,b', 'd.csv:1: expected columns named text and label, got words, label'],
    ['d.csv', 'text,label\na', 'd.csv:2: the row has no label; it holds 1 cells'],
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

  it('takes a document of CoNLL 2003 for a group', async () => {
    const conll = '-DOCSTART- -X- O O\n\na X\n\nb Y\n\n-DOCSTART- -X- O O\nc X\n';
    const sentences = await readTaggedSentences(await file('d.conll', conll));
    expect(sentences.map(({ words, group }) => [...words, group])).toEqual([
      ['a', 'document 1'],
      ['b', 'document 1'],
      ['c', 'document 7'],
    ]);
  });

  it.each([
    ['d.conll', '', 'd.conll: expected lines of a word and its tag, got none'],
    ['d.conll', '# group = x\n\n', 'd.conll: expected lines of a word and its tag, got none'],
    ['d.jsonl', '', 'd.jsonl: expected JSON lines of {"words", "tags"}, got none'],
    ['d.jsonl', '{"text":"a","label":"b"}', 'd.jsonl:1: words: expected a list of words, got nothing'],
    ['d.jsonl', '{"words":[],"tags":[]}', 'd.jsonl:1: words: expected a word, got []'],
    ['d.jsonl', '{"words":["a",""],"tags":["X","Y"]}', 'd.jsonl:1: words.1: expected a word, got ""'],
    [
      'd.jsonl',
      '{"words":["a"],"tags":[]}',
      'd.jsonl:1: tags: expected a tag for each word, that is 1, got []',
    ],
    ['d.conll', 'a X\nb\n', "d.conll:2: expected a word and its tag, got 'b'"],
  ])('%s: %j is refused', async (name, content, message) => {
    await expect(readTaggedSentences(await file(name, content))).rejects.toThrow(message);
  });
});

describe('splitByGroup', () => {
  const items = Array.from({ length: 300 }, (_, index) => ({ group: `g${index % 100}`, index }));

  it('puts a group on one side, always the same, and keeps every item', () => {
    const { train, validation, test } = splitByGroup(items, 'x');
    expect([...train, ...validation, ...test].map(({ index }) => index).sort((a, b) => a - b)).toEqual(
      items.map(({ index }) => index),
    );
    const groups = [train, validation, test].map((part) => new Set(part.map(({ group }) => group)));
    expect(groups.reduce((sum, { size }) => sum + size, 0)).toBe(100);
    expect(train.length).toBeGreaterThan(200);
    const half = splitByGroup(items.slice(0, 150), 'x');
    expect(test.slice(0, half.test.length)).toEqual(half.test);
  });

  it('refuses what is too little', () => {
    const few = 'x: expected at least some dozens of groups, got 2 of 2 examples: none falls into the ';
    expect(() => splitByGroup(items.slice(0, 2), 'x')).toThrow(few);
  });
});
