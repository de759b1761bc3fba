import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { globSync, isDynamicPattern } from 'tinyglobby';
import { DataError, errorMessage, FileError } from '../core/index.js';
import { TEXT_EXTENSIONS } from '../data/index.js';

const CHUNK_BYTES = 1 << 20;

/** A line without an end in sight is given in pieces of at least this many characters. */
const MAX_LINE = 1 << 20;

/**
 * The lines of text files, with their ends, one at a time, so that a corpus may be larger than memory; directories
 * recursively, by extension (all files of the given `extensions`), patterns as in a shell; files in order of their
 * names. Throws FileError for what is missing or unreadable, DataError for what is not UTF-8.
 */
export function* textLines(
  paths: readonly string[],
  extensions: readonly string[] = TEXT_EXTENSIONS,
): Generator<string> {
  for (const path of paths.flatMap((given) => filesOf(given, extensions))) yield* linesOf(path);
}

function filesOf(path: string, extensions: readonly string[]): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    const matches = isDynamicPattern(path) ? globSync(path).sort() : [];
    if (matches.length === 0) throw new FileError(`no such file or directory: '${path}'`);
    return matches;
  }
  if (!found.isDirectory()) return [path];
  const files = readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && extensions.some((extension) => entry.name.endsWith(extension)))
    .map((entry) => join(entry.parentPath, entry.name));
  if (files.length === 0) throw new FileError(`'${path}' holds no file ending in ${extensions.join(', ')}`);
  return files.sort();
}

function* linesOf(path: string): Generator<string> {
  let rest = '';
  for (const text of decodedChunks(path)) {
    rest += text;
    let start = 0;
    for (let end = rest.indexOf('\n') + 1; end > 0; end = rest.indexOf('\n', start) + 1) {
      yield rest.slice(start, end);
      start = end;
    }
    rest = rest.slice(start);
    if (rest.length > MAX_LINE) {
      const cut = lastSpace(rest);
      yield rest.slice(0, cut);
      rest = rest.slice(cut);
    }
  }
  if (rest !== '') yield rest;
}

/** Where to cut a text that has no line end: before its last space, so that no word is cut. */
function lastSpace(text: string): number {
  const space = text.lastIndexOf(' ');
  return space > 0 ? space : text.length;
}

function* decodedChunks(path: string): Generator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (cause) {
    throw new FileError(`cannot read '${path}': ${errorMessage(cause)}`, { cause });
  }
  try {
    for (let done = 0, read = 1; read > 0; done += read) {
      read = readSync(descriptor, chunk, 0, CHUNK_BYTES, null);
      yield decode(decoder, chunk.subarray(0, read), { path, done, isLast: read === 0 });
    }
  } finally {
    closeSync(descriptor);
  }
}

function decode(
  decoder: InstanceType<typeof TextDecoder>,
  bytes: Uint8Array,
  { path, done, isLast }: { path: string; done: number; isLast: boolean },
): string {
  try {
    return decoder.decode(bytes, { stream: !isLast });
  } catch (cause) {
    throw new DataError(
      `'${path}' is not UTF-8 text between bytes ${done} and ${done + bytes.length}; convert it, for example with iconv -t UTF-8`,
      { cause },
    );
  }
}
