import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from '../core/index.js';
import { DirectoryLock, isLeftover, makeDirectory, systemCode, toFileError } from '../files/index.js';
import { readJournal } from './journal.js';
import { RUN_FILES } from './run-json.js';

/** A run directory held by this process. */
export class HeldDirectory {
  private constructor(
    readonly path: string,
    private readonly lock: DirectoryLock,
  ) {}

  /** Makes the directory where it is missing, and locks it. Throws a FileError. */
  static async take(path: string): Promise<HeldDirectory> {
    try {
      await makeDirectory(path);
    } catch (cause) {
      throw toFileError(`cannot make the run directory '${path}'; choose another --out`, cause);
    }
    return new HeldDirectory(path, await DirectoryLock.take(path));
  }

  /** Removes what an earlier run left. */
  async clear(): Promise<void> {
    const known: readonly string[] = [...Object.values(RUN_FILES), CONFIG_FILE];
    for (const name of await readdir(this.path)) {
      if (known.includes(name) || isLeftover(name)) {
        await rm(join(this.path, name), { recursive: true, force: true });
      }
    }
  }

  /** Gives the directory back; it goes if there is nothing in it. Throws a FileError. */
  async release(): Promise<void> {
    this.lock.release();
    try {
      await rmdir(this.path);
    } catch (cause) {
      if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(systemCode(cause) ?? '')) return;
      throw toFileError(`cannot remove '${this.path}', which is empty`, cause);
    }
  }
}

/** The configuration of a run, in the form of a configuration file. */
export const CONFIG_FILE = 'lacuna.config.json';

/** Whether the run in a directory came to its end and saved its model. */
export async function isFinished(directory: string): Promise<boolean> {
  return (await readJournal(join(directory, RUN_FILES.journal))).at(-1)?.what === 'finished';
}

/** Throws a FileError when a directory holds a run that could still be resumed. */
export async function assertNoOpenRun(directory: string): Promise<void> {
  if (await isFinished(directory)) return;
  const checkpoints = await readdir(join(directory, RUN_FILES.checkpoints)).catch(() => []);
  if (!checkpoints.some((name) => name.startsWith('step-'))) return;
  throw new FileError(
    `'${directory}' holds a run that is not finished; go on with it by --resume, or discard it with --overwrite`,
  );
}
