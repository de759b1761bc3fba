import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Creates the file `path`, of bytes or parts of them in order, and returns when they are on the device; fails when it exists. */
export async function writeDurably(path: string, content: Uint8Array | readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for (const bytes of content instanceof Uint8Array ? [content] : content) await file.appendFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Replaces the file `path`, or creates it, all or nothing: written beside, synced and renamed. */
export async function writeFileInPlace(path: string, bytes: Uint8Array): Promise<void> {
  const written = `${path}.saving-${process.pid}-${process.hrtime.bigint().toString(36)}`;
  try {
    await writeDurably(written, bytes);
    await rename(written, path);
  } catch (error) {
    await rm(written, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Makes the entries of a directory durable; Windows has no such call and does not need it. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Makes a directory, and those above it that are missing, and returns when all of them would outlive a power failure. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  const above = dirname(resolve(first));
  for (let made = resolve(path); made !== above; made = dirname(made)) await syncDirectory(dirname(made));
}
