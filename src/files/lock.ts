import { randomUUID } from 'node:crypto';
import { readFileSync, unlinkSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { FileError } from '../core/index.js';
import { systemCode, toFileError } from './io-error.js';

const LOCK_FILE = 'lock';

const ownerSchema = z.object({
  pid: z.int().positive(),
  host: z.string(),
  /** When the process began, as the system counts it; tells a process from a later one with the same pid. */
  began: z.string(),
  token: z.string(),
});

/** The process that holds a lock. */
export type LockOwner = z.infer<typeof ownerSchema>;

/**
 * A directory held by one process. The lock file appears complete (a hard link to a finished one), names its holder,
 * and is taken over when that process is dead, whatever the clock says.
 */
export class DirectoryLock {
  private constructor(
    private readonly path: string,
    private readonly token: string,
  ) {}

  /** Takes the lock of a directory that exists; throws a FileError with the holder's pid when a live process has it. */
  static async take(directory: string): Promise<DirectoryLock> {
    const path = join(directory, LOCK_FILE);
    const token = randomUUID();
    const owner: LockOwner = { pid: process.pid, host: hostname(), began: beginningOf(process.pid), token };
    const written = `${path}.${token}`;
    try {
      await writeFile(written, JSON.stringify(owner), { flag: 'wx' });
      while (!(await linkTo(written, path))) await removeIfStale(path, directory);
    } catch (cause) {
      throw toFileError(`cannot lock '${directory}'`, cause);
    } finally {
      await rm(written, { force: true });
    }
    return new DirectoryLock(path, token);
  }

  /** The live holder of a directory's lock, or undefined. */
  static async holderOf(directory: string): Promise<LockOwner | undefined> {
    const owner = await readOwner(join(directory, LOCK_FILE));
    return owner && isAlive(owner) ? owner : undefined;
  }

  /** Gives the lock back, if it is still this one. */
  release(): void {
    try {
      if (parseOwner(readFileSync(this.path, 'utf8'))?.token === this.token) unlinkSync(this.path);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw toFileError(`cannot unlock '${this.path}'`, error);
    }
  }
}

/** Links, or says that the name is taken. */
async function linkTo(written: string, path: string): Promise<boolean> {
  try {
    await link(written, path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function removeIfStale(path: string, directory: string): Promise<void> {
  const owner = await readOwner(path);
  if (owner && isAlive(owner)) {
    throw new FileError(
      `'${directory}' is in use by process ${owner.pid} on ${owner.host}: expected one run at a time; wait for it, stop it, or choose another --out`,
    );
  }
  const aside = `${path}.stale-${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return; // released, or taken over, in between
    throw error;
  }
  // Between reading and renaming, another process may have taken the stale lock over: then it gets its own back.
  const renamed = await readOwner(aside);
  if (renamed && isAlive(renamed)) await linkTo(aside, path);
  await rm(aside, { force: true });
}

async function readOwner(path: string): Promise<LockOwner | undefined> {
  try {
    return parseOwner(await readFile(path, 'utf8'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw toFileError(`cannot read '${path}'`, error);
  }
}

function parseOwner(text: string): LockOwner | undefined {
  try {
    return ownerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // not JSON: no process of Lacuna wrote it
  }
}

/** A process of another machine counts as alive: there is no way to tell. */
function isAlive({ pid, host, began }: LockOwner): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false;
  }
  const now = beginningOf(pid);
  return now === '' || began === '' || now === began;
}

/** On Linux the machine's boot and the tick at which a process began (proc(5), field 22 of stat); elsewhere ''. */
function beginningOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name, in parentheses, may hold spaces: fields are counted behind it.
    return `${boot}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return '';
  }
}
