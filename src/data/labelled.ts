import { extname } from 'node:path';
import { z } from 'zod';
import { DataError } from '../core/index.js';
import { readConll, type TaggedSentence } from './conll.js';
import { type DelimitedRow, parseDelimited } from './delimited.js';
import { readJsonLines } from './json-lines.js';
import { readTextFile } from './reading/index.js';

/** A text with the class it belongs to. */
export interface LabelledText {
  readonly text: string;
  readonly label: string;
  /** What must not be torn apart by a split, such as the speech that a paragraph is from. */
  readonly group: string;
}

const written = (what: string) => z.string({ error: `expected ${what}` }).regex(/\S/, `expected ${what}`);
const name = z.union([written('a name'), z.number().transform(String)], {
  error: 'expected a string that is not blank, or a number',
});
const labelledSchema = z.object(
  { text: written('a text that is not blank'), label: name, group: name.optional() },
  { error: 'expected an object such as {"text": "a text", "label": "its label"}' },
);
const words = z.array(written('a word'), { error: 'expected a list of words' }).min(1, 'expected a word');
const taggedSchema = z
  .object(
    { words, tags: z.array(name, { error: 'expected a list of tags' }), group: name.optional() },
    { error: 'expected an object such as {"words": ["a", "b"], "tags": ["X", "Y"]}' },
  )
  .superRefine(({ words, tags }, context) => {
    if (words.length === tags.length) return;
    const message = `expected a tag for each word, that is ${words.length}`;
    context.addIssue({ code: 'custom', path: ['tags'], message });
  });

/**
 * Reads labelled texts: JSON lines of `{"text", "label"}`, or CSV or TSV whose first line names the columns `text` and
 * `label`; an optional `group` keeps texts together. Throws a DataError that names the line, or the file that holds none.
 */
export async function readLabelledTexts(path: string): Promise<LabelledText[]> {
  const content = await readTextFile(path);
  const kind = extname(path).toLowerCase();
  const isTable = kind === '.csv' || kind === '.tsv';
  const found = isTable
    ? labelledRows(parseDelimited(content, kind === '.csv' ? ',' : '\t', path), path)
    : withGroups(readJsonLines(content, labelledSchema, path));
  return someOf(found, path, isTable ? 'rows below the header' : 'JSON lines of {"text", "label"}');
}

/**
 * Reads tagged sentences: CoNLL columns (see `readConll`), or, from a file named `.jsonl`, `.ndjson` or `.json`, JSON
 * lines of `{"words", "tags"}`. Throws a DataError that names the line, or the file that holds none.
 */
export async function readTaggedSentences(path: string): Promise<TaggedSentence[]> {
  const content = await readTextFile(path);
  const isJson = ['.jsonl', '.ndjson', '.json'].includes(extname(path).toLowerCase());
  const found = isJson ? withGroups(readJsonLines(content, taggedSchema, path)) : readConll(content, path);
  return someOf(found, path, isJson ? 'JSON lines of {"words", "tags"}' : 'lines of a word and its tag');
}

function someOf<Item>(items: Item[], path: string, expected: string): Item[] {
  if (items.length > 0) return items;
  throw new DataError(`${path}: expected ${expected}, got none`);
}

/** Without a group, an example is a group of its own, named by its line. */
function withGroups<Item extends { readonly group?: string | undefined }>(
  found: readonly { readonly value: Item; readonly line: number }[],
): (Item & { readonly group: string })[] {
  return found.map(({ value, line }) => ({ ...value, group: value.group ?? `${line}` }));
}

function labelledRows([header, ...rows]: readonly DelimitedRow[], path: string): LabelledText[] {
  const names = header?.fields.map((cell) => cell.trim().toLowerCase()) ?? [];
  const column = (wanted: string) => {
    const index = names.indexOf(wanted);
    if (index === names.lastIndexOf(wanted)) return index;
    throw new DataError(`${path}:${header?.line}: expected one column named ${wanted}, got several`);
  };
  const [text, label, group] = [column('text'), column('label'), column('group')];
  if (text < 0 || label < 0) {
    const got = header ? header.fields.join(', ') : 'nothing';
    throw new DataError(`${path}:${header?.line ?? 1}: expected columns named text and label, got ${got}`);
  }
  return rows.map(({ fields: cells, line }) => {
    if (cells.length > names.length) {
      throw new DataError(
        `${path}:${line}: expected ${names.length} cells as in the header, got ${cells.length}; put cells that hold separators in double quotes`,
      );
    }
    const parsed = labelledSchema.safeParse({ text: cells[text], label: cells[label] });
    if (!parsed.success) {
      const missing = parsed.error.issues[0]?.path[0];
      throw new DataError(
        `${path}:${line}: the row has no ${String(missing)}; it holds ${cells.length} cells`,
      );
    }
    return { ...parsed.data, group: (group >= 0 && cells[group]) || `${line}` };
  });
}
