import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FormatError } from '../core/index.js';
import { toFileError, writeInPlace } from '../files/index.js';
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
    await mkdir(this.directory, { recursive: true }).catch((cause: unknown) => {
      throw toFileError(`cannot write '${file}'`, cause);
    });
    await writeInPlace(file, `${JSON.stringify(result, undefined, 2)}\n`);
    return result;
  }
}
