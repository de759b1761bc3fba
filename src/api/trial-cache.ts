import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errorMessage, FileError, FormatError } from '../core/index.js';
import { parseJson } from '../formats/index.js';
import type { TrialResult } from './masking-trial.js';

const resultSchema = z.object({
  seed: z.int().nonnegative(),
  steps: z.int().positive(),
  lossNats: z.number(),
  accuracy: z.number(),
  squaredGradientNorm: z.number(),
  trainingSurprisalNats: z.number(),
  trainMs: z.number(),
});

/** Results of runs in a directory, one JSON file each, written whole or not at all. */
export class TrialCache {
  constructor(private readonly directory: string) {}

  /** The stored result of `key`, or what `run` gives, which is then stored. */
  async getOrRun(key: string, run: () => Promise<TrialResult>): Promise<TrialResult> {
    const file = join(this.directory, `${key}.json`);
    const known = await readFile(file).catch(() => undefined);
    if (known) {
      const parsed = resultSchema.safeParse(parseJson(known, file));
      if (parsed.success) return parsed.data;
      throw new FormatError(`${file}: not the result of a run; remove it, and the run is done again`);
    }
    const result = await run();
    try {
      await mkdir(this.directory, { recursive: true });
      const beside = `${file}.${process.pid}.new`;
      await writeFile(beside, `${JSON.stringify(result, undefined, 2)}\n`, { flush: true });
      await rename(beside, file);
    } catch (cause) {
      throw new FileError(`cannot write '${file}': ${errorMessage(cause)}`, { cause });
    }
    return result;
  }
}
