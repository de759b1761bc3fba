import { countedTokens, countNgramsInTurns, type NgramCounts } from '../baselines/index.js';
import { DataError } from '../core/index.js';
import { MemoryRows, type PackedSequences, RowPacker, type RowSink, rowsOf } from '../data/index.js';
import { encodeWords, type Tokenizer, trainOnBlocks, wordPieceTrainer } from '../tokenize/index.js';
import { maskingVocabulary } from './held-out.js';
import {
  bytesOf,
  type CorpusFacts,
  goOnUnlessAborted,
  type SplitCorpus,
  trainingTexts,
} from './split-corpus.js';
import { StageProgress } from './stage-progress.js';
import type { TrainEvent } from './types.js';

/** A corpus made ready for training. */
export interface PreparedCorpus extends EncodedCorpus {
  readonly counts: NgramCounts;
}

/** Rows of ids on both sides, and the tokenizer that made them. */
export interface EncodedCorpus {
  readonly tokenizer: Tokenizer;
  readonly train: PackedSequences;
  readonly heldOut: PackedSequences;
  readonly facts: CorpusFacts;
}

export interface PrepareOptions {
  readonly vocabSize: number;
  readonly sequenceLength: number;
  /** Instead of a WordPiece vocabulary learned from the training split. */
  readonly tokenizer?: Tokenizer | undefined;
  /** Whether masking asks where words begin. */
  readonly words?: boolean | undefined;
}

export type Report = (event: TrainEvent) => void;

const count = (value: number) => value.toLocaleString('en-US');

/** Trains the tokenizer on the training split unless it is given, packs both splits in memory, and counts n-grams. */
export async function prepareCorpus(
  split: SplitCorpus,
  options: PrepareOptions,
  report: Report,
  signal?: AbortSignal,
): Promise<PreparedCorpus> {
  const tokenizer = await tokenizerFor(split, options, report);
  const rows = () => new MemoryRows(options.sequenceLength, options.words === true);
  const [train, heldOut] = [rows(), rows()];
  await packInto({ train, heldOut }, split, { ...options, tokenizer }, report);
  return withCounts({ tokenizer, train, heldOut, facts: split.facts }, report, signal);
}

/** The tokenizer that is given, or one learned from the training split. */
export async function tokenizerFor(
  split: SplitCorpus,
  { tokenizer, vocabSize }: PrepareOptions,
  report: Report,
): Promise<Tokenizer> {
  const origin = tokenizer ? 'as given' : `WordPiece, ${count(vocabSize)} tokens`;
  report({
    type: 'stage',
    stage: 'tokenizer',
    detail: `${origin}, from ${count(split.facts.trainBytes)} bytes`,
  });
  if (tokenizer) return tokenizer;
  // Words are counted as texts are read: none is kept.
  return trainOnBlocks(wordPieceTrainer, trainingTexts(split), { vocabSize }, 1);
}

/** Encodes and packs both sides of a corpus as it is read. */
export async function packInto(
  sinks: { readonly train: RowSink; readonly heldOut: RowSink },
  split: SplitCorpus,
  { tokenizer, sequenceLength, words }: PrepareOptions & { readonly tokenizer: Tokenizer },
  report: Report,
): Promise<void> {
  const { documents, heldOutDocuments, trainBytes, heldOutBytes } = split.facts;
  const detail = `${documents - heldOutDocuments} documents to train on, ${heldOutDocuments} held out`;
  report({ type: 'stage', stage: 'encode', detail });
  const packing = {
    sequenceLength,
    encodeIds: (text: string) => tokenizer.encodeIds(text),
    encodeWords: words ? (text: string) => encodeWords(tokenizer, text) : undefined,
    clsId: tokenizer.special.cls,
    sepId: tokenizer.special.sep,
  };
  const train = new RowPacker(packing, sinks.train);
  const heldOut = new RowPacker(packing, sinks.heldOut);
  const progress = new StageProgress('encode', report, trainBytes + heldOutBytes);
  for await (const group of split.groups()) {
    for (const document of group.train) train.add(document);
    for (const document of group.heldOut) heldOut.add(document);
    progress.add(bytesOf(group.train) + bytesOf(group.heldOut));
  }
  train.finish();
  heldOut.finish();
}

/**
 * Counts n-grams of the training rows. Throws a DataError when the vocabulary knows no word of a side, and a LacunaError of
 * code `interrupted` on abort.
 */
export async function withCounts(
  corpus: EncodedCorpus,
  report: Report,
  signal?: AbortSignal,
): Promise<PreparedCorpus> {
  const { train, heldOut, tokenizer } = corpus;
  assertKnownWords(train, tokenizer, 'training');
  assertKnownWords(heldOut, tokenizer, 'held-out');
  const tokens = train.count * train.sequenceLength;
  const counted = countedTokens(train);
  const sample = counted < tokens ? ` (a sample of ${count(tokens)})` : '';
  report({ type: 'stage', stage: 'baselines', detail: `n-grams of ${count(counted)} tokens${sample}` });
  const counting = countNgramsInTurns(train, maskingVocabulary(tokenizer));
  for (;;) {
    const { done, value: counts } = counting.next();
    if (done) return { ...corpus, counts };
    await goOnUnlessAborted(signal);
  }
}

/** Throws a DataError when every token of a split is special: the vocabulary knows none of its words. */
function assertKnownWords(data: PackedSequences, { specialIds }: Tokenizer, split: string): void {
  for (const row of rowsOf(data)) if (row.some((id) => !specialIds.includes(id))) return;
  throw new DataError(
    `the corpus is too small: the vocabulary learned from its training split knows no word of the ${split} split; expected at least some pages of text`,
  );
}
