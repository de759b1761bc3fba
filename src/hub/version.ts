import { readFileSync } from 'node:fs';
import { z } from 'zod';

const packageSchema = z.object({ version: z.string() });

/** The version of this Lacuna, from its package.json (two folders up from here in the sources and in the build). */
export function lacunaVersion(): string {
  const url = new URL('../../package.json', import.meta.url);
  return packageSchema.parse(JSON.parse(readFileSync(url, 'utf8'))).version;
}
