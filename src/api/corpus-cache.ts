import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import envPaths from 'env-paths';
import { z } from 'zod';
import type { SplitRule } from '../data/index.js';
import { exists, toFileError, writeInPlace } from '../files/index.js';
import { parseJson } from '../formats/index.js';
import type { CorpusFacts } from './split-corpus.js';

const SPLIT_FILE = 'split.json';

const splitSchema = z.object({
  rule: z.object({
    passageLength: z.int().positive().exactOptional(),
    heldOutFraction: z.number().min(0).max(1),
    heldOutId: z.string().exactOptional(),
  }),
  facts: z.object({
    fingerprint: z.string(),
    documents: z.int().positive(),
    heldOutDocuments: z.int().nonnegative(),
    trainBytes: z.int().nonnegative(),
    heldOutBytes: z.int().nonnegative(),
    dedupThreshold: z.number().exactOptional(),
  }),
});

/** A corpus that the cache holds something of. */
export interface CachedCorpus {
  readonly path: string;
  readonly sizeBytes: number;
}

/** Where large corpora are kept prepared, by what their files are: `DIR/corpora/SIGNATURE/KEY`. */
export class CorpusCache {
  private readonly corpora: string;

  /** @param directory that of the user's caches for this program unless told */
  constructor(readonly directory = envPaths('lacuna', { suffix: '' }).cache) {
    this.corpora = join(directory, 'corpora');
  }

  /** The directory of one preparation of a corpus. */
  preparedAt(signature: string, key: string): string {
    return join(this.corpora, signature.slice(0, 16), key.slice(0, 16));
  }

  /** How a corpus was divided; undefined when it was not, or when what was noted cannot be read. */
  async splitOf(signature: string): Promise<{ rule: SplitRule; facts: CorpusFacts } | undefined> {
    const path = join(this.corpora, signature.slice(0, 16), SPLIT_FILE);
    const bytes = await readFile(path).catch(() => undefined);
    if (!bytes) return undefined;
    try {
      return splitSchema.parse(parseJson(bytes, path));
    } catch {
      return undefined;
    }
  }

  async noteSplit(signature: string, split: { rule: SplitRule; facts: CorpusFacts }): Promise<void> {
    const directory = join(this.corpora, signature.slice(0, 16));
    await mkdir(directory, { recursive: true }).catch((cause: unknown) => {
      throw toFileError(`cannot write '${directory}'`, cause);
    });
    const text = JSON.stringify({ rule: split.rule, facts: split.facts }, undefined, 2);
    await writeInPlace(join(directory, SPLIT_FILE), `${text}\n`);
  }

  /** What is kept, and how large it is. */
  async list(): Promise<CachedCorpus[]> {
    if (!(await exists(this.corpora))) return [];
    const names = await readdir(this.corpora);
    const paths = names.sort().map((name) => join(this.corpora, name));
    return Promise.all(paths.map(async (path) => ({ path, sizeBytes: await sizeOf(path) })));
  }

  /** Removes all of it. Throws a FileError for what cannot be removed. */
  async clean(): Promise<void> {
    await rm(this.corpora, { recursive: true, force: true }).catch((cause: unknown) => {
      throw toFileError(`cannot remove '${this.corpora}'`, cause);
    });
  }
}

async function sizeOf(path: string): Promise<number> {
  const entry = await stat(path);
  if (!entry.isDirectory()) return entry.size;
  const sizes = (await readdir(path)).map((name) => sizeOf(join(path, name)));
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

export interface CleanedCache {
  readonly directory: string;
  readonly corpora: readonly CachedCorpus[];
  /** Of all of them. */
  readonly sizeBytes: number;
  /** False where it was only looked at. */
  readonly removed: boolean;
}

/** Removes the corpora that `train` has prepared and kept, or with `dryRun` says what they are. Throws a FileError. */
export async function cleanCache({
  cacheDir,
  dryRun = false,
}: {
  readonly cacheDir?: string;
  readonly dryRun?: boolean;
} = {}): Promise<CleanedCache> {
  const cache = new CorpusCache(cacheDir);
  const corpora = await cache.list();
  if (!dryRun) await cache.clean();
  const sizeBytes = corpora.reduce((sum, corpus) => sum + corpus.sizeBytes, 0);
  return { directory: cache.directory, corpora, sizeBytes, removed: !dryRun };
}
