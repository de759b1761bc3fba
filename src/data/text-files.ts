import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { DataError, errorMessage, FileError } from '../core/index.js';

/** Files of a directory that count as text, by extension. */
export const TEXT_EXTENSIONS = ['.txt', '.text', '.md', '.markdown', '.rst', '.org', '.tex'] as const;

const SKIPPED_FOLDERS = new Set(['node_modules']);

export interface ReadOptions {
  /** Which files of a directory to read, by the end of their names; `TEXT_EXTENSIONS` by default. */
  readonly extensions?: readonly string[];
}

/** A file to read. */
export interface TextFile {
  readonly path: string;
  /** Its name from the directory or pattern that named it, with `/` between its parts: the id of its document. */
  readonly id: string;
}

/**
 * The files that `paths` name: files as they are, directories recursively (by extension; no dotfiles, no node_modules),
 * patterns (`*`, `**`, `?`, `{a,b}`); each once, in order of their ids. Throws a FileError for what is missing or
 * unreadable, and a DataError for a directory without a text file.
 */
export async function findTextFiles(
  paths: readonly string[],
  { extensions = TEXT_EXTENSIONS }: ReadOptions = {},
): Promise<TextFile[]> {
  const files: TextFile[] = [];
  for (const path of paths) files.push(...(await filesOf(path, extensions)));
  const unique = [...new Map(files.map((file) => [resolve(file.path), file])).values()];
  return unique.sort((a, b) => compare(a.id, b.id));
}

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

async function filesOf(path: string, extensions: readonly string[]): Promise<TextFile[]> {
  const found = await statOrUndefined(path);
  if (found?.isDirectory()) return directoryFiles(path, extensions);
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
    throw new FileError(`cannot read '${path}': ${errorMessage(cause)}`, { cause });
  }
}

async function directoryFiles(directory: string, extensions: readonly string[]): Promise<TextFile[]> {
  const isText = (path: string) => extensions.some((extension) => path.toLowerCase().endsWith(extension));
  const ids = (await filesBelow(directory)).filter(isText);
  if (ids.length === 0) {
    throw new DataError(
      `no text file in the directory '${directory}': expected ${extensions.join(' ')}; name other files outright or by a pattern`,
    );
  }
  return ids.map((id) => ({ path: join(directory, id), id }));
}

/** Ids are paths from the last folder before the first wildcard, so that they do not depend on where that folder is. */
async function globFiles(pattern: string): Promise<TextFile[]> {
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

/** Paths from `directory`, with `/` between their parts, of every file below it that is not hidden. */
async function filesBelow(directory: string, prefix = ''): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await entriesOf(directory)) {
    if (entry.name.startsWith('.') || SKIPPED_FOLDERS.has(entry.name)) continue;
    const path = join(directory, entry.name);
    const id = prefix + entry.name;
    if (entry.isDirectory()) files.push(...(await filesBelow(path, `${id}/`)));
    else if (entry.isFile() || (entry.isSymbolicLink() && (await statOrUndefined(path))?.isFile()))
      files.push(id);
  }
  return files;
}

async function entriesOf(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (cause) {
    throw new FileError(`cannot read the directory '${directory}': ${errorMessage(cause)}`, { cause });
  }
}
