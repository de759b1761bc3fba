import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { makeDirectory, syncDirectory } from './durable.js';
import { systemCode } from './io-error.js';

const PURPOSES = ['probing', 'saving', 'replaced'] as const;
const LEFTOVER = new RegExp(`^\\..+\\.(?:${PURPOSES.join('|')})-`);

/** A name beside `target` for a directory that is about to become it, or has just been it. */
export function siblingName(target: string, purpose: (typeof PURPOSES)[number]): string {
  const unique = `${process.pid}-${process.hrtime.bigint().toString(36)}`;
  return join(dirname(target), `.${basename(target)}.${purpose}-${unique}`);
}

/** The nearest directory above `path` that is there: on the disk that will hold it. */
export async function existingAbove(path: string): Promise<string> {
  const above = dirname(resolve(path));
  return above === resolve(path) || (await exists(above)) ? above : existingAbove(above);
}

/** Whether a file name is one that `siblingName` made, left behind by a process that was killed. */
export function isLeftover(name: string): boolean {
  return LEFTOVER.test(name);
}

/** Whether there is anything at `path`. */
export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/**
 * Puts the complete directory `written` at `target`, durably; what was there before is moved aside first, then removed.
 * On failure it is back at `target`, and `written` where it was.
 */
export async function moveIntoPlace(written: string, target: string): Promise<void> {
  const replaced = (await exists(target)) ? siblingName(target, 'replaced') : undefined;
  if (replaced) await rename(target, replaced);
  let isMoved = false;
  try {
    await rename(written, target);
    isMoved = true;
    await syncDirectory(dirname(target));
  } catch (error) {
    if (isMoved) await rename(target, written);
    if (replaced) await rename(replaced, target);
    throw error;
  }
  if (replaced) await rm(replaced, { recursive: true, force: true });
}

/**
 * Puts back what a process that ended between the two renames of `moveIntoPlace` had moved aside: there is no way to
 * exchange two directories at once. Throws when the directory around `target` cannot be read.
 */
export async function recoverReplaced(target: string): Promise<void> {
  const parent = dirname(target);
  if ((await exists(target)) || !(await exists(parent))) return;
  const prefix = `.${basename(target)}.replaced-`;
  const [aside] = (await readdir(parent)).filter((name) => name.startsWith(prefix)).sort();
  if (aside !== undefined) await rename(join(parent, aside), target);
}

/**
 * Makes the directory `target`, all or nothing: `fill` writes its files, durably, into a directory beside it, which is
 * then synced and renamed into place. On failure what was at `target` is as it was, and nothing is left behind.
 */
export async function writeDirectory(
  target: string,
  fill: (directory: string) => Promise<void>,
): Promise<void> {
  const written = siblingName(target, 'saving');
  try {
    await makeDirectory(written);
    await fill(written);
    await syncDirectory(written);
    await moveIntoPlace(written, target);
  } catch (error) {
    await rm(written, { recursive: true, force: true });
    throw error;
  }
}
