import { setImmediate } from 'node:timers/promises';
import { DataError, LacunaError } from '../core/index.js';
import {
  type Corpus,
  CorpusFingerprint,
  type Document,
  hashFraction,
  type LeftOut,
  planSplit,
  type SplitGroup,
  type SplitRule,
  splitGroup,
} from '../data/index.js';
import { StageProgress } from './stage-progress.js';
import type { TrainEvent } from './types.js';

/** What a corpus is and how it is divided. */
export interface CorpusFacts {
  readonly fingerprint: string;
  /** Whole documents or passages of them, on both sides. */
  readonly documents: number;
  readonly heldOutDocuments: number;
  readonly trainBytes: number;
  readonly heldOutBytes: number;
  /** Similarity from which documents were left out as duplicates; absent where none were looked for. */
  readonly dedupThreshold?: number;
}

/** Documents that can be read any number of times, in groups that fit in memory. */
export interface ReadableCorpus {
  /** Documents that were left out, by the option that did. */
  readonly leftOut?: LeftOut;
  readonly dedupThreshold?: number | undefined;
  documents(): AsyncIterable<readonly Document[]>;
}

/** A pipe is kept in memory, as it can be read once only, and the corpus has to be read for its split and then encoded. */
const MOST_PIPED_BYTES = 1 << 29;

/** The corpus itself, or the documents of a pipe in memory. Throws a DataError for a pipe of more than 512 MiB of text. */
export async function readableAgain(corpus: Corpus): Promise<ReadableCorpus> {
  if (corpus.signature !== undefined) return corpus;
  const groups: (readonly Document[])[] = [];
  let bytes = 0;
  for await (const documents of corpus.documents()) {
    bytes += bytesOf(documents);
    if (bytes > MOST_PIPED_BYTES) {
      throw new DataError('more than 512 MiB come from a pipe, which is kept in memory: give a file instead');
    }
    groups.push(documents);
  }
  return {
    leftOut: corpus.leftOut,
    dedupThreshold: corpus.dedupThreshold,
    async *documents() {
      yield* groups;
    },
  };
}

/** A corpus divided into what is learned from and what is measured on; it is read anew each time. */
export interface SplitCorpus {
  readonly facts: CorpusFacts;
  readonly rule: SplitRule;
  /** Both sides of each group of documents, in order. Throws a LacunaError of code `interrupted` on abort. */
  groups(): AsyncGenerator<SplitGroup, void>;
}

export interface SplitOptions {
  readonly report: (event: TrainEvent) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A vocabulary learned from that much text is as good as one from more. */
const SAMPLE_BYTES = 1 << 26;

/** Plans the split of a corpus. Throws what reading throws, and a LacunaError of code `interrupted` on abort. */
export async function splitCorpus(
  corpus: ReadableCorpus,
  { report, signal }: SplitOptions,
): Promise<SplitCorpus> {
  const fingerprint = new CorpusFingerprint();
  let isFirst = true;
  const progress = new StageProgress('read', report);
  const read = async function* () {
    const isNew = isFirst;
    isFirst = false;
    for await (const documents of corpus.documents()) {
      await goOnUnlessAborted(signal);
      if (isNew) for (const document of documents) fingerprint.add(document);
      progress.add(bytesOf(documents));
      yield documents;
    }
  };
  const { rule, train, heldOut } = await planSplit(read);
  for (const [name, count] of Object.entries(corpus.leftOut ?? {})) {
    const detail = `${name} left out ${count.toLocaleString('en-US')} documents`;
    report({ type: 'stage', stage: 'notice', detail });
  }
  const { dedupThreshold } = corpus;
  const facts = {
    fingerprint: fingerprint.digest(),
    documents: train.documents + heldOut.documents,
    heldOutDocuments: heldOut.documents,
    trainBytes: train.bytes,
    heldOutBytes: heldOut.bytes,
    ...(dedupThreshold !== undefined && { dedupThreshold }),
  };
  return dividedBy(corpus, rule, facts, signal);
}

/** A corpus whose split is known. */
export function dividedBy(
  corpus: ReadableCorpus,
  rule: SplitRule,
  facts: CorpusFacts,
  signal?: AbortSignal,
): SplitCorpus {
  const groups = async function* () {
    for await (const documents of corpus.documents()) {
      await goOnUnlessAborted(signal);
      yield splitGroup(documents, rule);
    }
  };
  return { facts, rule, groups };
}

/**
 * Texts of the training side from which a vocabulary is learned: all of them, or of more than 64 MiB about as much, chosen
 * by a hash of their ids.
 */
export async function* trainingTexts({ facts, groups }: SplitCorpus): AsyncGenerator<string, void> {
  const share = SAMPLE_BYTES / Math.max(1, facts.trainBytes);
  let isEmpty = true;
  for await (const { train } of groups()) {
    for (const { id, text } of train) {
      if (share < 1 && hashFraction(id, 'vocabulary') >= share) continue;
      isEmpty = false;
      yield text;
    }
  }
  if (isEmpty) throw new DataError('the corpus has no text to learn a vocabulary from');
}

export function bytesOf(documents: readonly Document[]): number {
  return documents.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
}

/**
 * Between two pieces of work that block this thread: lets a signal of the system come in, and throws a LacunaError of code
 * `interrupted` when one has.
 */
export async function goOnUnlessAborted(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  if (signal?.aborted) throw interruptedEarly();
}

export const interruptedEarly = () =>
  new LacunaError('interrupted', 'interrupted before the first step: nothing saved');
