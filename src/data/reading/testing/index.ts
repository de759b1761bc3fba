import { readdirSync, readlinkSync } from 'node:fs';

/** How often this process has a file open, on Linux. Not part of the package's public face. */
export function openDescriptors(path: string): number {
  const targets = readdirSync('/proc/self/fd').map((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      // That of the listing itself.
      return undefined;
    }
  });
  return targets.filter((target) => target === path).length;
}
