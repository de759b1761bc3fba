import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { z } from 'zod';
import { DataError, errorMessage } from '../core/index.js';
import { parseDelimited } from './delimited.js';
import { readTextFile } from './reading/index.js';

/** A text with the class it belongs to. */
export interface LabelledText {
  readonly text: string;
  readonly label: string;
  /** What must not be torn apart by a split, such as the speech that a paragraph is from. */
  readonly group: string;
}

/** A sentence as words, each with its tag. */
export interface TaggedSentence {
  readonly words: readonly string[];
  readonly tags: readonly string[];
  readonly group: string;
}

const name = z.union([z.string().min(1), z.number().transform(String)]);
const labelledSchema = z.object({ text: z.string().min(1), label: name, group: name.optional() });
const taggedSchema = z
  .object({ words: z.array(z.string().min(1)).min(1), tags: z.array(name), group: name.optional() })
  .refine(({ words, tags }) => words.length === tags.length, { message: 'expected a tag for each word' });

/**
 * Reads labelled texts: JSON lines of `{"text", "label"}`, or CSV or TSV whose first line names the columns `text` and
 * `label`; an optional `group` keeps texts together. Throws a DataError that names the line.
 */
export async function readLabelledTexts(path: string): Promise<LabelledText[]> {
  const content = await readTextFile(path);
  const kind = extname(path).toLowerCase();
  if (kind === '.csv' || kind === '.tsv') return labelledRows(content, kind === '.csv' ? ',' : '\t', path);
  return jsonLines(content, labelledSchema, path).map(({ value, line }) => ({
    ...value,
    group: value.group ?? `${line}`,
  }));
}

/**
 * Reads tagged sentences: CoNLL columns (a word first, its tag last, separated by tabs or spaces; an empty line ends a
 * sentence; `# group = NAME` and other comments begin with `# `), or JSON lines of `{"words", "tags"}`.
 */
export async function readTaggedSentences(path: string): Promise<TaggedSentence[]> {
  const content = await readTextFile(path);
  const isJson = ['.jsonl', '.ndjson', '.json'].includes(extname(path).toLowerCase());
  if (!isJson) return conllSentences(content, path);
  return jsonLines(content, taggedSchema, path).map(({ value, line }) => ({
    ...value,
    group: value.group ?? `${line}`,
  }));
}

function jsonLines<T>(content: string, schema: z.ZodType<T>, path: string): { value: T; line: number }[] {
  return content.split('\n').flatMap((text, index) => {
    if (text.trim() === '') return [];
    const line = index + 1;
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (cause) {
      throw new DataError(`${path}:${line}: expected a line of JSON: ${errorMessage(cause)}`, { cause });
    }
    const parsed = schema.safeParse(json);
    if (parsed.success) return [{ value: parsed.data, line }];
    const issue = parsed.error.issues[0];
    throw new DataError(
      `${path}:${line}: ${issue?.path.join('.') || 'line'}: ${issue?.message ?? 'is not valid'}`,
    );
  });
}

function labelledRows(content: string, separator: ',' | '\t', path: string): LabelledText[] {
  const [header = [], ...rows] = parseDelimited(content, separator, path);
  const column = (wanted: string) => header.findIndex((cell) => cell.trim().toLowerCase() === wanted);
  const [text, label, group] = [column('text'), column('label'), column('group')];
  if (text < 0 || label < 0) {
    throw new DataError(`${path}:1: expected columns named text and label, got ${header.join(', ')}`);
  }
  return rows.map((row, index) => {
    const parsed = labelledSchema.safeParse({ text: row[text], label: row[label] });
    if (!parsed.success) {
      throw new DataError(`${path}: row ${index + 2} has no text or no label; it holds ${row.length} cells`);
    }
    return { ...parsed.data, group: (group >= 0 && row[group]) || `${index + 2}` };
  });
}

function conllSentences(content: string, path: string): TaggedSentence[] {
  const sentences: TaggedSentence[] = [];
  let words: string[] = [];
  let tags: string[] = [];
  let group: string | undefined;
  const finish = () => {
    if (words.length > 0) sentences.push({ words, tags, group: group ?? `${sentences.length}` });
    [words, tags] = [[], []];
  };
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    const comment = /^# (?:group = (.*))?/.exec(line);
    if (comment) {
      group = comment[1] ?? group;
      continue;
    }
    const columns = line.split(line.includes('\t') ? '\t' : / +/).filter((cell) => cell !== '');
    if (columns.length === 0) finish();
    else if (columns.length === 1) {
      throw new DataError(`${path}:${index + 1}: expected a word and its tag, got '${line}'`);
    } else {
      words.push(columns[0] as string);
      tags.push(columns.at(-1) as string);
    }
  }
  finish();
  return sentences;
}

/** Examples to learn from, to stop by, and to report on. */
export interface ThreeParts<Item> {
  readonly train: readonly Item[];
  readonly validation: readonly Item[];
  readonly test: readonly Item[];
}

/**
 * Splits by a hash of each group's name, a tenth for validation and a tenth for the test unless told, so that a group is
 * on one side whole and always on the same. Throws a DataError when a part would be empty.
 */
export function splitByGroup<Item extends { readonly group: string }>(
  items: readonly Item[],
  fraction = 0.1,
): ThreeParts<Item> {
  const parts = { train: [] as Item[], validation: [] as Item[], test: [] as Item[] };
  for (const item of items) {
    const place = createHash('sha256').update(`tune:${item.group}`).digest().readUInt32BE(0) / 2 ** 32;
    if (place < fraction) parts.test.push(item);
    else if (place < 2 * fraction) parts.validation.push(item);
    else parts.train.push(item);
  }
  if (parts.train.length > 0 && parts.validation.length > 0 && parts.test.length > 0) return parts;
  throw new DataError(
    `${items.length} examples in ${new Set(items.map(({ group }) => group)).size} groups are too few to learn from some and measure on others; expected at least some dozens`,
  );
}
