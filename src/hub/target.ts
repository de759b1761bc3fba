import { mkdir, readdir, realpath, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { FileError } from '../core/index.js';
import { recoverReplaced, siblingName, systemCode, toFileError, writeDurably } from '../files/index.js';
import { readOptional } from './read-file.js';

/** Marks a directory as one that Lacuna wrote and may replace. */
export const LACUNA_FILE = 'lacuna.json';

/** The files of a model that Lacuna imported, exported or tuned but did not train; its card marks it as written by Lacuna. */
const CARD_FILE = 'README.md';
const UNTRAINED_FILES: readonly string[] = [
  ...['config.json', 'model.safetensors', CARD_FILE, 'onnx', 'tuning.json'],
  ...['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'],
];

const PROBE_BYTES = 65_536;

export interface OverwriteOptions {
  /** Replace a model directory that Lacuna wrote. */
  readonly overwrite: boolean;
}

/** `dir` as an absolute path, symbolic links to a directory that exists followed. */
export async function resolveTarget(dir: string): Promise<string> {
  try {
    return await realpath(dir);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return resolve(dir);
    throw toFileError(`cannot write the model directory '${dir}'`, cause);
  }
}

/** The nearest directory above `path` that exists. */
async function existingAncestor(path: string): Promise<string> {
  const parent = dirname(path);
  try {
    if (!(await stat(parent)).isDirectory()) {
      throw new FileError(`cannot create '${path}': '${parent}' is not a directory; choose another --out`);
    }
    return parent;
  } catch (cause) {
    if (systemCode(cause) !== 'ENOENT') throw toFileError(`cannot create '${path}'`, cause);
    return existingAncestor(parent);
  }
}

/** The names in the directory that `dir` names, or undefined when it does not exist. */
async function listTarget(target: string, dir: string): Promise<string[] | undefined> {
  try {
    return await readdir(target);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined;
    if (systemCode(cause) === 'ENOTDIR') {
      throw new FileError(
        `cannot write the model directory '${dir}': expected a directory, got a file or a path through one; choose another --out`,
        { cause },
      );
    }
    throw toFileError(`cannot write the model directory '${dir}'`, cause);
  }
}

/** Whether imports and exports write such a directory: their files and no others, and `lacuna` among the card's tags. */
async function isImported(target: string, names: readonly string[]): Promise<boolean> {
  if (names.some((name) => !UNTRAINED_FILES.includes(name))) return false;
  const card = await readOptional(join(target, CARD_FILE));
  const [, front = ''] = new TextDecoder().decode(card ?? new Uint8Array(0)).split(/^---$/m, 2);
  return /^- lacuna$/m.test(front);
}

async function assertReplaceable(
  dir: string,
  target: string,
  names: readonly string[],
  overwrite: boolean,
): Promise<void> {
  if (names.length === 0) return;
  if (!names.includes(LACUNA_FILE) && !(await isImported(target, names))) {
    throw new FileError(
      `'${dir}' exists and is not empty, and holds no ${LACUNA_FILE}, so it is not replaced; choose another --out`,
    );
  }
  if (!overwrite) {
    throw new FileError(`'${dir}' already holds a model; choose another --out or pass --overwrite`);
  }
}

/** Makes, fills and removes a small directory in `parent`: the only test that also holds for root and full disks. */
async function probe(dir: string, parent: string): Promise<void> {
  const directory = siblingName(join(parent, 'lacuna'), 'probing');
  try {
    await mkdir(directory);
    await writeDurably(join(directory, 'probe'), new Uint8Array(PROBE_BYTES));
  } catch (cause) {
    const action = `cannot write the model directory '${dir}' in '${parent}'`;
    if (systemCode(cause) !== 'ENOENT') throw toFileError(action, cause);
    throw new FileError(`${action}: nothing can be created there; choose another --out`, { cause });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A model that a process was replacing when it was killed is there again. */
async function putBack(target: string, dir: string): Promise<void> {
  try {
    await recoverReplaced(target);
  } catch (cause) {
    throw toFileError(`cannot write the model directory '${dir}'`, cause);
  }
}

/**
 * Checks, before any work is spent, that a model directory can be written at `dir`: it is absent, empty, or (with
 * `overwrite`) holds a lacuna.json or is what `lacuna import` writes; and the directory around it can be written. Throws
 * a FileError that says what to do. Leaves nothing behind.
 */
export async function assertWritableTarget(dir: string, options: OverwriteOptions): Promise<void> {
  const target = await resolveTarget(dir);
  await putBack(target, dir);
  const names = await listTarget(target, dir);
  if (names) await assertReplaceable(dir, target, names, options.overwrite);
  const parent = await existingAncestor(target);
  if (names && (await stat(target)).dev !== (await stat(parent)).dev) {
    throw new FileError(
      `'${dir}' is a mount point and cannot be replaced; choose --out ${join(dir, 'model')}`,
    );
  }
  await probe(dir, parent);
}
