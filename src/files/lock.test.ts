import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DirectoryLock } from './lock.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lacuna-lock-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** The lock file of this process with other facts about its holder. */
async function pretend(facts: object): Promise<void> {
  const lock = await DirectoryLock.take(directory);
  const owner: object = JSON.parse(await readFile(join(directory, 'lock'), 'utf8'));
  lock.release();
  await writeFile(join(directory, 'lock'), JSON.stringify({ ...owner, token: 'other', ...facts }));
}

describe('DirectoryLock', () => {
  it('is held by one at a time, names its holder, and comes back', async () => {
    const lock = await DirectoryLock.take(directory);
    await expect(DirectoryLock.take(directory)).rejects.toThrow(`in use by process ${process.pid} on `);
    expect((await DirectoryLock.holderOf(directory))?.pid).toBe(process.pid);
    lock.release();
    expect(await DirectoryLock.holderOf(directory)).toBeUndefined();
    (await DirectoryLock.take(directory)).release();
    expect(await readdir(directory)).toEqual([]);
  });

  it('of a process that was killed is taken over', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(child, 'spawn');
    await pretend({ pid: child.pid, began: '' });
    await expect(DirectoryLock.take(directory)).rejects.toThrow(`process ${child.pid}`);
    child.kill('SIGKILL');
    await once(child, 'close');
    const lock = await DirectoryLock.take(directory);
    expect((await DirectoryLock.holderOf(directory))?.pid).toBe(process.pid);
    lock.release();
  });

  it.runIf(process.platform === 'linux')(
    'of an earlier process with the same pid is taken over',
    async () => {
      await pretend({ began: 'an earlier boot/1' });
      (await DirectoryLock.take(directory)).release();
    },
  );

  it('of another machine, or with a file that is no lock, is not mistaken', async () => {
    await pretend({ host: 'elsewhere', pid: 2 ** 22 + 1 });
    await expect(DirectoryLock.take(directory)).rejects.toThrow('on elsewhere');
    await writeFile(join(directory, 'lock'), 'not JSON');
    (await DirectoryLock.take(directory)).release();
  });

  it('is not given back by one who lost it', async () => {
    const lock = await DirectoryLock.take(directory);
    await rm(join(directory, 'lock'));
    const other = await DirectoryLock.take(directory);
    lock.release();
    await expect(DirectoryLock.take(directory)).rejects.toThrow('in use');
    other.release();
  });
});
