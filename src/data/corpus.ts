import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { DataError, errorMessage, FileError } from '../core/index.js';
import type { Document } from './document.js';
import { readTextFile } from './text-file.js';

/** Files of a directory that count as text, by extension. */
export const TEXT_EXTENSIONS = ['.txt', '.text', '.md', '.markdown', '.rst', '.org', '.tex'] as const;

const SKIPPED_FOLDERS = new Set(['node_modules']);

/** A file to read and the id of its document. */
interface Source {
  readonly path: string;
  readonly id: string;
}

/**
 * Reads every document that `paths` name: files as they are, directories recursively (text extensions only, no
 * dotfiles, no node_modules), globs. One file is one document; the order is that of the sorted ids. Throws a FileError
 * for what is missing or unreadable and a DataError for what is not text, or when there is no text at all.
 */
export async function readCorpus(paths: readonly string[]): Promise<Document[]> {
  const sources = (await Promise.all(paths.map(sourcesOf))).flat();
  const unique = [...new Map(sources.map((source) => [source.path, source])).values()];
  const documents: Document[] = [];
  for (const { path, id } of unique.sort((a, b) => compare(a.id, b.id))) {
    const text = await readTextFile(path);
    if (text.trim() !== '') documents.push({ id, text });
  }
  if (documents.length === 0) {
    throw new DataError(`no text in ${paths.map((path) => `'${path}'`).join(', ')}: every file is empty`);
  }
  return documents;
}

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

async function sourcesOf(path: string): Promise<Source[]> {
  const found = await statOrUndefined(path);
  if (found?.isDirectory()) return directorySources(path);
  if (found) return [{ path, id: basename(path) }];
  if (!isDynamicPattern(path)) throw new FileError(`no such file or directory: '${path}'`);
  const matches = await glob(path.split(sep).join('/'), { expandDirectories: false, onlyFiles: true });
  if (matches.length === 0) throw new FileError(`no file matches the pattern '${path}'`);
  return matches.map((match) => ({ path: match, id: match }));
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

async function directorySources(directory: string): Promise<Source[]> {
  const files = await textFiles(directory);
  if (files.length === 0) {
    throw new DataError(
      `no text file in the directory '${directory}': expected ${TEXT_EXTENSIONS.join(' ')}; name other files outright or by a pattern`,
    );
  }
  return files.map((path) => ({ path, id: relative(directory, path).split(sep).join('/') }));
}

async function textFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const visible = entries.filter(({ name }) => !name.startsWith('.') && !SKIPPED_FOLDERS.has(name));
  const nested = visible.map(async (entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return textFiles(path);
    return entry.isFile() && isTextName(entry.name) ? [path] : [];
  });
  return (await Promise.all(nested)).flat();
}

function isTextName(name: string): boolean {
  return TEXT_EXTENSIONS.some((extension) => name.toLowerCase().endsWith(extension));
}
