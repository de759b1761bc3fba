import type { Dirent, Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { glob, isDynamicPattern } from 'tinyglobby';
import { DataError, errorMessage, FileError } from '../../core/index.js';
import { STDIN } from './chunks.js';
import { DIRECTORY_EXTENSIONS, type FileFormat, formatOf } from './format.js';
import type { CorpusOptions } from './options.js';

const SKIPPED_FOLDERS = new Set(['node_modules']);
const IGNORE_FILE = '.gitignore';

export type FindOptions = Pick<CorpusOptions, 'extensions' | 'format'>;

/** A file of a corpus. */
export interface CorpusFile extends FileFormat {
  readonly path: string;
  /** Its name from the directory or pattern that named it, with `/` between its parts: the id of its document. */
  readonly id: string;
  /** Whether it can be read once only. */
  readonly isPipe: boolean;
  /** Where its bytes are, if not at `path`: the copy of a pipe. */
  readonly storedAt?: string;
  /** Bytes as they are stored; 0 of a pipe. */
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

type Found = Pick<CorpusFile, 'path' | 'id'>;

/**
 * The files that `paths` name: files as they are, directories recursively (by extension; no dotfiles, no node_modules,
 * nothing that a .gitignore in them leaves out), patterns (`*`, `**`, `?`, `{a,b}`), `-` for standard input; each once, in
 * order of their ids. Throws a FileError for what is missing or unreadable, and a DataError for a directory without any.
 */
export async function findFiles(paths: readonly string[], options: FindOptions = {}): Promise<CorpusFile[]> {
  const found: Found[] = [];
  for (const path of paths) found.push(...(await filesOf(path, options.extensions)));
  const unique = [...new Map(found.map((file) => [resolve(file.path), file])).values()];
  const files = await Promise.all(unique.map((file) => described(file, options)));
  return files.sort((a, b) => compare(a.id, b.id));
}

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

async function described({ path, id }: Found, { format }: FindOptions): Promise<CorpusFile> {
  const kind = formatOf(path, format);
  if (path === STDIN) return { path, id: 'stdin', ...kind, isPipe: true, sizeBytes: 0, modifiedMs: 0 };
  const { size, mtimeMs, ...stats } = await attempt(path, () => stat(path));
  const isPipe = (stats.mode & 0o170000) === 0o010000;
  return { path, id, ...kind, isPipe, sizeBytes: size, modifiedMs: mtimeMs };
}

async function filesOf(path: string, extensions?: readonly string[]): Promise<Found[]> {
  if (path === STDIN) return [{ path, id: STDIN }];
  const found = await statOrUndefined(path);
  if (found?.isDirectory()) return directoryFiles(path, extensions ? [extensions] : DIRECTORY_EXTENSIONS);
  if (found?.isFile() || found?.isFIFO()) return [{ path, id: basename(path) }];
  if (found) throw new FileError(`'${path}' is a device or a socket: expected a file or a directory`);
  if (!isDynamicPattern(path)) throw new FileError(`no such file or directory: '${path}'`);
  return globFiles(path);
}

async function statOrUndefined(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) {
      return undefined;
    }
    throw unreadable(path, cause);
  }
}

/** The files with the extensions of the first group of which there are any. */
async function directoryFiles(directory: string, groups: readonly (readonly string[])[]): Promise<Found[]> {
  const all = await filesBelow(directory);
  for (const extensions of groups) {
    const ids = all.filter((path) => extensions.some((extension) => path.toLowerCase().endsWith(extension)));
    if (ids.length > 0) return ids.map((id) => ({ path: join(directory, id), id }));
  }
  const expected = groups.flat().filter((extension) => !/\.(?:gz|zst)$/.test(extension));
  throw new DataError(
    `no text file in the directory '${directory}': expected ${expected.join(' ')}; name other files outright or by a pattern`,
  );
}

/** Ids are paths from the last folder before the first wildcard, so that they do not depend on where that folder is. */
async function globFiles(pattern: string): Promise<Found[]> {
  const parts = pattern.split(sep).join('/').split('/');
  const firstDynamic = parts.findIndex((part) => isDynamicPattern(part));
  const folder = parts.slice(0, firstDynamic).join('/') || (firstDynamic > 0 ? '/' : '.');
  const rest = parts.slice(firstDynamic).join('/');
  const ids = await glob(rest, {
    cwd: folder,
    expandDirectories: false,
    onlyFiles: true,
    ignore: '**/node_modules/**',
  });
  if (ids.length === 0) throw new FileError(`no file matches the pattern '${pattern}'`);
  return ids.map((id) => ({ path: join(folder, id), id }));
}

/** What the .gitignore files of a directory and those above it leave out, each with the folder in which it lies. */
type Rules = readonly { readonly folder: string; readonly ignore: Ignore }[];

/** Paths from `directory`, with `/` between their parts, of every file below it that is not hidden or ignored. */
async function filesBelow(directory: string, prefix = '', outer: Rules = []): Promise<string[]> {
  const files: string[] = [];
  const entries = await entriesOf(directory);
  const rules = await withRulesOf(directory, prefix, entries, outer);
  for (const entry of entries) {
    if (entry.name.startsWith('.') || SKIPPED_FOLDERS.has(entry.name)) continue;
    const path = join(directory, entry.name);
    const id = prefix + entry.name;
    if (isIgnored(entry.isDirectory() ? `${id}/` : id, rules)) continue;
    if (entry.isDirectory()) files.push(...(await filesBelow(path, `${id}/`, rules)));
    else if (entry.isFile() || (entry.isSymbolicLink() && (await statOrUndefined(path))?.isFile()))
      files.push(id);
  }
  return files;
}

async function withRulesOf(
  directory: string,
  folder: string,
  entries: readonly Dirent[],
  outer: Rules,
): Promise<Rules> {
  if (!entries.some(({ name }) => name === IGNORE_FILE)) return outer;
  const path = join(directory, IGNORE_FILE);
  const text = await attempt(path, () => readFile(path, 'utf8'));
  return [...outer, { folder, ignore: ignore().add(text) }];
}

/** The innermost .gitignore that speaks of a path decides. */
function isIgnored(id: string, rules: Rules): boolean {
  let isLeftOut = false;
  for (const { folder, ignore } of rules) {
    const { ignored, unignored } = ignore.test(id.slice(folder.length));
    if (ignored || unignored) isLeftOut = ignored;
  }
  return isLeftOut;
}

async function entriesOf(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (cause) {
    throw new FileError(`cannot read the directory '${directory}': ${errorMessage(cause)}`, { cause });
  }
}

async function attempt<Result>(path: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): FileError {
  return new FileError(`cannot read '${path}': ${errorMessage(cause)}`, { cause });
}
