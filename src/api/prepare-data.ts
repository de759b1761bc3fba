import { FileError } from '../core/index.js';
import { Corpus, type CorpusOptions } from '../data/index.js';
import { existingAbove, exists } from '../files/index.js';
import { defaultRecipe } from '../train/index.js';
import { type PrepareOptions, tokenizerFor } from './prepare.js';
import { writePreparedCorpus } from './prepared-corpus.js';
import { type CorpusFacts, readableAgain, splitCorpus } from './split-corpus.js';
import { openTokenizer } from './tokenizer.js';
import type { TrainEvent } from './types.js';

/** Options of `prepareData`. */
export interface PrepareDataOptions {
  /** Files, directories or globs of text. */
  readonly paths: readonly string[];
  /** The new directory to write. */
  readonly out: string;
  /** A tokenizer.json or a directory with one; else WordPiece is learned from the training split. */
  readonly tokenizer?: string;
  /** Of the vocabulary that is learned: 4096 unless told. */
  readonly vocabSize?: number;
  /** T, 128 unless told. */
  readonly sequenceLength?: number;
  /** Keep where words begin, for masking by words: an eighth of a byte more a token. */
  readonly words?: boolean;
  /** How the files are read, and which of their texts are taken. */
  readonly corpus?: CorpusOptions;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainEvent) => void;
}

export interface PrepareDataResult {
  readonly directory: string;
  readonly corpus: CorpusFacts;
  readonly vocabSize: number;
  readonly sequenceLength: number;
  readonly trainTokens: number;
  readonly heldOutTokens: number;
  /** Bytes of the token shards. */
  readonly sizeBytes: number;
  /** From the first byte read to the last shard written. */
  readonly totalMs: number;
}

/**
 * Divides a corpus, encodes it and writes token shards to a new directory from which `train` reads in bounded memory, all or
 * nothing. Throws a FileError where there is a directory already, what reading and writing throw, and a LacunaError of code
 * `interrupted` on abort.
 */
export async function prepareData(options: PrepareDataOptions): Promise<PrepareDataResult> {
  const { paths, out, signal, words, vocabSize = defaultRecipe.vocabSize } = options;
  const { sequenceLength = defaultRecipe.sequenceLength } = options;
  const report = options.onEvent ?? (() => undefined);
  if (await exists(out)) throw new FileError(`'${out}' exists; choose another --out`);
  const given = options.tokenizer === undefined ? undefined : await openTokenizer(options.tokenizer);
  const started = performance.now();
  report({ type: 'stage', stage: 'read', detail: paths.join(', ') });
  const scratch = await existingAbove(out);
  const corpus = await readableAgain(await Corpus.open(paths, options.corpus, scratch));
  const split = await splitCorpus(corpus, { report, signal });
  const asked = given?.vocabSize ?? vocabSize;
  const preparation: PrepareOptions = { vocabSize: asked, sequenceLength, tokenizer: given, words };
  const tokenizer = await tokenizerFor(split, preparation, report);
  const { train, heldOut } = await writePreparedCorpus(out, split, { ...preparation, tokenizer }, report);
  const files = [train, heldOut].flatMap((part) => [...part.ids, ...part.words]);
  return {
    directory: out,
    corpus: split.facts,
    vocabSize: tokenizer.vocabSize,
    sequenceLength,
    trainTokens: train.rows * sequenceLength,
    heldOutTokens: heldOut.rows * sequenceLength,
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    totalMs: performance.now() - started,
  };
}
