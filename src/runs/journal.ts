import { appendFileSync, closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { systemCode, toFileError } from '../files/index.js';

const entrySchema = z.object({
  at: z.iso.datetime(),
  pid: z.int(),
  what: z.enum(['begin', 'resume', 'checkpoint', 'notice', 'interrupted', 'finished', 'failed']),
  step: z.int().nonnegative().optional(),
  detail: z.string().optional(),
  /** Training time, milliseconds. */
  elapsedMs: z.number().optional(),
  memoryBytes: z.number().optional(),
});

/** What happened to a run, and when: everything that is not the same when the run is repeated. */
export type JournalEntry = z.infer<typeof entrySchema>;

/**
 * Appends an entry with the time and the process, on a line of its own also where a full disk or a kill cut the last one short.
 * Throws a FileError when it cannot be written.
 */
export function writeJournal(path: string, entry: Omit<JournalEntry, 'at' | 'pid'>): void {
  const line = { at: new Date().toISOString(), pid: process.pid, ...entry };
  try {
    const descriptor = openSync(path, 'a+');
    try {
      const before = endsInsideLine(descriptor) ? '\n' : '';
      appendFileSync(descriptor, `${before}${JSON.stringify(line)}\n`);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    throw toFileError(`cannot write the journal '${path}'`, cause);
  }
}

/** Whether a file has a last line without its end. */
export function endsInsideLine(descriptor: number): boolean {
  const { size } = fstatSync(descriptor);
  const last = Buffer.alloc(1);
  return size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last.toString() !== '\n';
}

/** The entries of a journal, in order; lines that a killed process left unfinished are left out. */
export async function readJournal(path: string): Promise<JournalEntry[]> {
  return (await readJsonLines(path)).flatMap((line) => entrySchema.safeParse(line).data ?? []);
}

/** The JSON values of a file's lines, in order, without those that were cut short; [] without a file. */
export async function readJsonLines(path: string): Promise<unknown[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return [];
    throw toFileError(`cannot read '${path}'`, cause);
  }
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as unknown];
    } catch {
      return [];
    }
  });
}
