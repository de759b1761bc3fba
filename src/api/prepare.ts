import { countNgrams, type NgramCounts } from '../baselines/index.js';
import { DataError } from '../core/index.js';
import {
  type Document,
  fingerprint,
  type PackedSequences,
  packDocuments,
  readCorpus,
  splitDocuments,
} from '../data/index.js';
import { encodeWords, type Tokenizer, trainWordPiece } from '../tokenize/index.js';
import { maskingVocabulary } from './held-out.js';
import type { TrainEvent } from './types.js';

/** A corpus made ready for training. */
export interface PreparedCorpus {
  readonly tokenizer: Tokenizer;
  readonly train: PackedSequences;
  readonly heldOut: PackedSequences;
  readonly counts: NgramCounts;
  readonly facts: CorpusFacts;
}

export interface CorpusFacts {
  readonly fingerprint: string;
  readonly documents: number;
  readonly heldOutDocuments: number;
  readonly trainBytes: number;
  readonly heldOutBytes: number;
}

/** The documents of a corpus, split. */
export interface SplitCorpus {
  readonly train: readonly Document[];
  readonly heldOut: readonly Document[];
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

const count = (value: number) => value.toLocaleString('en-US');

/** Reads a corpus and splits it by document. */
export async function readDocuments(
  paths: readonly string[],
  report: (event: TrainEvent) => void,
  extensions?: readonly string[],
): Promise<SplitCorpus> {
  const detail = paths.length === 1 ? String(paths[0]) : `${paths.length} paths`;
  report({ type: 'stage', stage: 'read', detail });
  const documents = await readCorpus(paths, extensions ? { extensions } : {});
  const split = splitDocuments(documents);
  return { ...split, facts: corpusFacts(documents, split) };
}

/** Trains the tokenizer on the training split unless it is given, packs both splits, and counts n-grams. */
export async function prepareCorpus(
  split: SplitCorpus,
  options: PrepareOptions,
  report: (event: TrainEvent) => void,
): Promise<PreparedCorpus> {
  const { facts } = split;
  const stage = (name: 'tokenizer' | 'encode' | 'baselines', detail: string) =>
    report({ type: 'stage', stage: name, detail });
  const origin = options.tokenizer ? 'as given' : `WordPiece, ${count(options.vocabSize)} tokens`;
  stage('tokenizer', `${origin}, from ${count(facts.trainBytes)} bytes`);
  const tokenizer =
    options.tokenizer ??
    trainWordPiece(
      split.train.map(({ text }) => text),
      { vocabSize: options.vocabSize },
    );
  stage('encode', `${split.train.length} documents to train on, ${split.heldOut.length} held out`);
  const pack = (part: readonly Document[]) =>
    packDocuments(part, {
      sequenceLength: options.sequenceLength,
      encodeIds: (text) => tokenizer.encodeIds(text),
      encodeWords: options.words ? (text) => encodeWords(tokenizer, text) : undefined,
      clsId: tokenizer.special.cls,
      sepId: tokenizer.special.sep,
    });
  const train = pack(split.train);
  const heldOut = pack(split.heldOut);
  assertKnownWords(train, tokenizer, 'training');
  assertKnownWords(heldOut, tokenizer, 'held-out');
  stage('baselines', `n-grams of ${count(train.ids.length)} tokens`);
  const counts = countNgrams(train, maskingVocabulary(tokenizer));
  return { tokenizer, train, heldOut, counts, facts };
}

/** Throws a DataError when every token of a split is special: the vocabulary knows none of its words. */
function assertKnownWords({ ids }: PackedSequences, { specialIds }: Tokenizer, split: string): void {
  if (ids.some((id) => !specialIds.includes(id))) return;
  throw new DataError(
    `the corpus is too small: the vocabulary learned from its training split knows no word of the ${split} split; expected at least some pages of text`,
  );
}

function corpusFacts(
  documents: readonly Document[],
  split: { readonly train: readonly Document[]; readonly heldOut: readonly Document[] },
): CorpusFacts {
  const bytes = (part: readonly Document[]) =>
    part.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  return {
    fingerprint: fingerprint(documents),
    documents: split.train.length + split.heldOut.length,
    heldOutDocuments: split.heldOut.length,
    trainBytes: bytes(split.train),
    heldOutBytes: bytes(split.heldOut),
  };
}
