import { createHash } from 'node:crypto';
import { DataError } from '../core/index.js';
import type { Document } from './document.js';
import { splitSentences } from './sentences.js';

/** A corpus divided into what is learned from and what is measured on. */
export interface CorpusSplit {
  readonly train: readonly Document[];
  readonly heldOut: readonly Document[];
  /** What was kept whole: documents, or passages of them where there are too few documents. */
  readonly unit: 'document' | 'passage';
}

/** Sentences in one passage of a corpus that has too few documents to split. */
const PASSAGE_SENTENCES = 20;

/**
 * Splits by a hash of each document's id, so that a document's side depends on nothing else. A corpus with so few
 * documents that one side would be empty is first cut into passages of 20 sentences; if that is not enough, of single
 * sentences. A DataError says so when there are not even two.
 */
export function splitDocuments(documents: readonly Document[], heldOutShare = 0.05): CorpusSplit {
  const whole = splitByHash(documents, heldOutShare);
  if (whole.train.length > 0 && whole.heldOut.length > 0) return { ...whole, unit: 'document' };
  for (const size of [PASSAGE_SENTENCES, 1]) {
    const passages = documents.flatMap((document) => cutIntoPassages(document, size));
    const split = splitByHash(passages, heldOutShare);
    if (split.train.length > 0 && split.heldOut.length > 0) return { ...split, unit: 'passage' };
    if (size === 1 && passages.length > 1) return { ...splitLast(passages), unit: 'passage' };
  }
  throw new DataError(
    'the corpus is a single sentence: expected at least two, one to train on and one to hold out',
  );
}

function splitByHash(documents: readonly Document[], heldOutShare: number): Omit<CorpusSplit, 'unit'> {
  const isHeldOut = (document: Document) => hashFraction(document.id) < heldOutShare;
  return {
    train: documents.filter((document) => !isHeldOut(document)),
    heldOut: documents.filter(isHeldOut),
  };
}

function splitLast(passages: readonly Document[]): Omit<CorpusSplit, 'unit'> {
  return { train: passages.slice(0, -1), heldOut: passages.slice(-1) };
}

/** The first 32 bits of the id's SHA-256 as a number in [0, 1). */
function hashFraction(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32;
}

function cutIntoPassages({ id, text }: Document, size: number): Document[] {
  const sentences = splitSentences(text).filter((sentence) => sentence.trim() !== '');
  const passages: Document[] = [];
  for (let start = 0; start < sentences.length; start += size) {
    const passage = sentences.slice(start, start + size).join('');
    passages.push({ id: `${id}#${passages.length}`, text: passage });
  }
  return passages;
}
