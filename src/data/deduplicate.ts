import { createHash } from 'node:crypto';
import type { Document } from './document.js';
import { jaccard, MinHashIndex, shinglesOf } from './min-hash.js';

/** A document that was left out because an earlier one says the same. */
export interface Duplicate {
  readonly id: string;
  readonly of: string;
  /** Share of common five-word stretches; 1 for the same text up to case and white space. */
  readonly similarity: number;
  readonly bytes: number;
}

export interface Deduplicated {
  readonly kept: readonly Document[];
  readonly duplicates: readonly Duplicate[];
}

export interface DeduplicateOptions {
  /** Similarity from which a document is a duplicate, in (0, 1]; 0.8 unless told. Below 0.7 some are missed. */
  readonly threshold?: number;
  readonly seed?: number;
}

/**
 * Leaves out every document that repeats an earlier one: the same text up to case and white space, or one that shares at
 * least `threshold` of its five-word stretches. Candidates come from MinHash and are then compared exactly, so what is
 * left out really is that similar.
 */
export function deduplicate(
  documents: readonly Document[],
  { threshold = 0.8, seed = 0 }: DeduplicateOptions = {},
): Deduplicated {
  const kept: Document[] = [];
  const duplicates: Duplicate[] = [];
  const byText = new Map<string, string>();
  const index = new MinHashIndex(seed);
  for (const document of documents) {
    const { id, text } = document;
    const key = createHash('sha256').update(plain(text)).digest('base64');
    const same = byText.get(key);
    const leaveOut = (of: string, similarity: number) =>
      duplicates.push({ id, of, similarity, bytes: Buffer.byteLength(text) });
    if (same !== undefined) {
      leaveOut(same, 1);
      continue;
    }
    byText.set(key, id);
    const shingles = shinglesOf(text);
    const keys = index.keysOf(shingles);
    const similar = mostSimilar(shingles, index.candidates(keys), kept);
    if (similar && similar.similarity >= threshold) leaveOut(similar.id, similar.similarity);
    else {
      index.add(kept.length, keys);
      kept.push(document);
    }
  }
  return { kept, duplicates };
}

function plain(text: string): string {
  return text.normalize('NFC').toLowerCase().replace(/\s+/gu, ' ').trim();
}

function mostSimilar(
  shingles: ReadonlySet<number>,
  candidates: readonly number[],
  kept: readonly Document[],
): { readonly id: string; readonly similarity: number } | undefined {
  let best: { readonly id: string; readonly similarity: number } | undefined;
  for (const number of candidates) {
    const candidate = kept[number] as Document;
    const similarity = jaccard(shingles, shinglesOf(candidate.text));
    if (!best || similarity > best.similarity) best = { id: candidate.id, similarity };
  }
  return best;
}
