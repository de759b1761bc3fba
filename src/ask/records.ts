import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import { DataError, errorMessage, FileError } from '../core/index.js';
import { parseCsv } from '../formats/index.js';

/** How records are written in a file. */
export const RECORD_FORMATS = ['text', 'jsonl', 'csv'] as const;
export type RecordFormat = (typeof RECORD_FORMATS)[number];

/** What is asked about: a text, or a minimal pair; with what else the record held. */
export interface TextRecord {
  /** Where it stands, for errors: `file:line`. */
  readonly where: string;
  readonly text: string;
  /** Stretches [start, end) of the text in UTF-16 code units that are asked about. */
  readonly spans?: readonly (readonly [number, number])[];
}

export interface PairRecord {
  readonly where: string;
  readonly good: string;
  readonly bad: string;
}

const place = z.number().int().nonnegative();
const textSchema = z.looseObject({ text: z.string(), spans: z.array(z.tuple([place, place])).optional() });
/** Field names of BLiMP and of plain pairs. */
const pairSchema = z.union([
  z.looseObject({ sentence_good: z.string(), sentence_bad: z.string() }).transform((record) => ({
    good: record.sentence_good,
    bad: record.sentence_bad,
  })),
  z.looseObject({ good: z.string(), bad: z.string() }).transform(({ good, bad }) => ({ good, bad })),
]);

/** The format of a file by the end of its name: .jsonl and .ndjson, .csv, else a text a line. */
export function formatOf(path: string): RecordFormat {
  const extension = extname(path).toLowerCase();
  if (extension === '.jsonl' || extension === '.ndjson') return 'jsonl';
  return extension === '.csv' ? 'csv' : 'text';
}

/** Reads a file whole, or standard input for `-`. Throws a FileError that names it, a DataError when it is not UTF-8. */
export async function readInput(path: string): Promise<string> {
  const where = path === '-' ? 'standard input' : `'${path}'`;
  let bytes: Buffer;
  try {
    bytes = path === '-' ? await buffer(process.stdin) : await readFile(path);
  } catch (cause) {
    throw new FileError(`cannot read ${where}: ${errorMessage(cause)}`, { cause });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DataError(`${where} is not UTF-8 text; convert it, for example with iconv -t UTF-8`, { cause });
  }
}

/** Texts of a file: a line each, or the field `text` of each JSONL or CSV record. Lines of white space are left out. */
export function parseTexts(content: string, format: RecordFormat, path: string): TextRecord[] {
  if (format === 'text') return textLines(content, path);
  return parseWith(
    content,
    format,
    path,
    textSchema,
    "a field 'text' (and, where there are any, 'spans': [[start, end], ...])",
  ).map(({ value, where }) => ({
    text: value.text,
    where,
    ...(value.spans && { spans: value.spans }),
  }));
}

/** Minimal pairs of a JSONL or CSV file: fields `sentence_good` and `sentence_bad`, or `good` and `bad`. */
export function parsePairs(content: string, format: RecordFormat, path: string): PairRecord[] {
  if (format === 'text') {
    throw new DataError(
      `'${path}': minimal pairs are read from JSONL or CSV: give a .jsonl or .csv file, or --format`,
    );
  }
  const expected = "fields 'sentence_good' and 'sentence_bad', or 'good' and 'bad'";
  return parseWith(content, format, path, pairSchema, expected).map(({ value, where }) => ({
    ...value,
    where,
  }));
}

function textLines(content: string, path: string): TextRecord[] {
  const records = content
    .split(/\r?\n/)
    .map((text, index) => ({ text, where: `'${path}' line ${index + 1}` }));
  return nonEmpty(
    records.filter(({ text }) => text.trim() !== ''),
    path,
  );
}

function parseWith<T>(
  content: string,
  format: 'jsonl' | 'csv',
  path: string,
  schema: z.ZodType<T>,
  expected: string,
): { readonly value: T; readonly where: string }[] {
  const raw = format === 'csv' ? parseCsv(content, `'${path}'`) : jsonLines(content, path);
  return nonEmpty(
    raw.map(({ value, where }) => {
      const parsed = schema.safeParse(value);
      if (!parsed.success) throw new DataError(`${where}: expected a record with ${expected}`);
      return { value: parsed.data, where };
    }),
    path,
  );
}

function jsonLines(content: string, path: string): { readonly value: unknown; readonly where: string }[] {
  return content.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const where = `'${path}' line ${index + 1}`;
    try {
      const value: unknown = JSON.parse(line);
      return [{ value, where }];
    } catch (cause) {
      throw new DataError(`${where}: expected one JSON value a line: ${errorMessage(cause)}`, { cause });
    }
  });
}

function nonEmpty<T>(records: T[], path: string): T[] {
  if (records.length > 0) return records;
  throw new DataError(`'${path}' holds nothing to ask about: expected at least one record`);
}
