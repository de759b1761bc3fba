import { linesOf } from '../lines.js';
import { ChunkCounts } from '../trainers/chunk-counts.js';
import { CountBound, type CountOptions, type WordCounts, wordsOf } from '../trainers/count-words.js';
import type { WordCutters } from '../trainers/trainer.js';
import { WordSplitter } from '../word-splitter.js';
import { CountingThread } from './counting-thread.js';

/** Stretches of text as they are read. */
export type Blocks = Iterable<string> | AsyncIterable<string>;

export interface BlockCountOptions extends CountOptions {
  /** Threads that count at most; 1 for this one alone. */
  readonly threads: number;
}

/**
 * The bound on distinct words is applied after every so many blocks, over all threads together, so that what is forgotten
 * does not depend on their number.
 */
const BLOCKS_BETWEEN_BOUNDS = 16;

/** Blocks that wait for a thread, so that it never waits for one. */
const MAX_LOAD = 2;

/**
 * How often each word occurs in the lines of `blocks`, each of which has whole lines; counted in worker threads. The
 * result, its order too, is the same whatever their number. Throws DataError when there is no word.
 */
export async function countBlocks(
  blocks: Blocks,
  cutters: WordCutters,
  options: BlockCountOptions,
): Promise<WordCounts> {
  const bound = new CountBound(options);
  const counts = new ChunkCounts(new WordSplitter(cutters.normalizer, cutters.preTokenizer));
  if (options.threads <= 1) await countHere(blocks, counts, bound);
  else {
    const pool = new CountingPool(cutters, options.threads);
    try {
      await countThere(blocks, counts, bound, pool);
    } finally {
      await pool.close();
    }
  }
  return wordsOf(counts);
}

async function countHere(blocks: Blocks, counts: ChunkCounts, bound: CountBound): Promise<void> {
  let index = 0;
  for await (const block of blocks) {
    counts.startBlock(index++);
    for (const line of linesOf(block)) counts.add(line);
    if (index % BLOCKS_BETWEEN_BOUNDS === 0) bound.apply(counts);
  }
  bound.apply(counts);
}

async function countThere(
  blocks: Blocks,
  counts: ChunkCounts,
  bound: CountBound,
  pool: CountingPool,
): Promise<void> {
  let index = 0;
  for await (const block of blocks) {
    await pool.count(block, index++);
    if (index % BLOCKS_BETWEEN_BOUNDS !== 0) continue;
    await pool.settled();
    if (counts.size + pool.distinct <= bound.maxDistinctWords) continue;
    await pool.drainInto(counts);
    bound.apply(counts);
  }
  await pool.drainInto(counts);
  bound.apply(counts);
}

/** Threads, started as there is work for them. */
class CountingPool {
  private readonly threads: CountingThread[] = [];
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly cutters: WordCutters,
    private readonly maxThreads: number,
  ) {}

  /** At least as many as the distinct chunks that all threads hold together. */
  get distinct(): number {
    return this.threads.reduce((sum, { distinct }) => sum + distinct, 0);
  }

  /** Hands a block to a thread as soon as one has room for it. */
  async count(block: string, index: number): Promise<void> {
    let thread = this.leastLoaded();
    while (thread === undefined) {
      await Promise.race(this.underWay);
      thread = this.leastLoaded();
    }
    const counted = thread.count(block, index);
    this.underWay.add(counted);
    // Whoever waits next is told of a failure; here it only must not count as unhandled.
    counted.then(() => this.underWay.delete(counted)).catch(() => undefined);
  }

  private leastLoaded(): CountingThread | undefined {
    const idle = this.threads.find(({ load }) => load === 0);
    if (idle !== undefined) return idle;
    if (this.threads.length < this.maxThreads) {
      const started = new CountingThread(this.cutters);
      this.threads.push(started);
      return started;
    }
    return this.threads.find(({ load }) => load < MAX_LOAD);
  }

  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  async drainInto(counts: ChunkCounts): Promise<void> {
    await this.settled();
    for (const thread of this.threads) {
      for (const part of await thread.drain()) counts.merge(part);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.close()));
  }
}
