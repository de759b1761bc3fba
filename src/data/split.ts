import { createHash } from 'node:crypto';
import { DataError } from '../core/index.js';
import type { Document } from './document.js';
import { splitSentences } from './sentences.js';

/** A corpus divided into what is learned from and what is measured on. */
export interface CorpusSplit {
  readonly train: Document[];
  readonly heldOut: Document[];
  /** What was kept whole: documents, or passages of them where there are too few documents. */
  readonly unit: 'document' | 'passage';
}

/** Lengths of passages to try, in code units: the longest that leaves something on both sides is taken. */
const PASSAGE_LENGTHS = [2000, 200, 20] as const;

/**
 * Splits by a hash of each document's id, so that a document's side depends on nothing else. A corpus with so few
 * documents that one side would be empty, such as one big file, is first cut into passages of whole sentences (of whole
 * lines or words where a sentence is longer than a passage), which get the ids `document#0`, `document#1`, ... Throws a
 * DataError when the corpus is too short even for that.
 */
export function splitDocuments(documents: readonly Document[], heldOutFraction = 0.05): CorpusSplit {
  const whole = splitByHash(documents, heldOutFraction);
  if (hasBothSides(whole)) return { ...whole, unit: 'document' };
  let passages: Document[] = [];
  for (const length of PASSAGE_LENGTHS) {
    passages = documents.flatMap((document) => cutIntoPassages(document, length));
    const split = splitByHash(passages, heldOutFraction);
    if (hasBothSides(split)) return { ...split, unit: 'passage' };
  }
  if (passages.length < 2) {
    throw new DataError('the corpus is too short: expected enough text to train on some and hold some out');
  }
  return { train: passages.slice(0, -1), heldOut: passages.slice(-1), unit: 'passage' };
}

type Sides = Omit<CorpusSplit, 'unit'>;

const hasBothSides = ({ train, heldOut }: Sides) => train.length > 0 && heldOut.length > 0;

function splitByHash(documents: readonly Document[], heldOutFraction: number): Sides {
  const sides: Sides = { train: [], heldOut: [] };
  for (const document of documents) {
    const side = hashFraction(document.id) < heldOutFraction ? sides.heldOut : sides.train;
    side.push(document);
  }
  return sides;
}

/** The first 32 bits of the id's SHA-256 as a number in [0, 1). */
function hashFraction(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32;
}

/** Passages of at least `length` code units (but for the last), whose concatenation is the document. */
function cutIntoPassages({ id, text }: Document, length: number): Document[] {
  const passages: Document[] = [];
  let passage = '';
  for (const piece of splitSentences(text).flatMap((sentence) => cutLongSentence(sentence, length))) {
    passage += piece;
    if (passage.length < length) continue;
    passages.push({ id: `${id}#${passages.length}`, text: passage });
    passage = '';
  }
  if (passage.trim() !== '') passages.push({ id: `${id}#${passages.length}`, text: passage });
  return passages;
}

/** The sentence, or its lines if it is longer than `length`, or the words of those lines that still are. */
function cutLongSentence(sentence: string, length: number): string[] {
  if (sentence.length <= length) return [sentence];
  const lines = sentence.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return lines.flatMap((line) =>
    line.length <= length ? [line] : (line.match(/\s*\S+\s*$|\s*\S+/g) ?? [line]),
  );
}
