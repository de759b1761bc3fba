import type { Tokenizer } from '../tokenizer.js';
import type { CountOptions } from '../trainers/count-words.js';
import type { Trainer } from '../trainers/trainer.js';
import type { Blocks } from './count-blocks.js';

/**
 * Trains on the lines of `blocks`, stretches of text of whole lines, about a mebibyte each; words are counted in
 * `threads` worker threads, or in this one for 1. The same blocks give the same tokenizer, whatever the number of threads.
 * Throws as the trainer does.
 */
export async function trainOnBlocks<Options extends CountOptions>(
  trainer: Trainer<Options>,
  blocks: Blocks,
  options: Options,
  threads: number,
): Promise<Tokenizer> {
  // Only here, so that the rest of this folder runs where there are no worker threads.
  const { countBlocks } = await import('./count-blocks.js');
  const cutters = trainer.cutters(options);
  const wordCounts = await countBlocks(blocks, cutters, { ...options, threads });
  return trainer.learn(wordCounts, cutters, options);
}
