import { createHash } from 'node:crypto';
import type { Document } from '../document.js';
import { IntegerTable } from './integer-table.js';
import { KeptDocuments } from './kept-documents.js';
import { jaccard, MinHashIndex, shinglesOf } from './min-hash.js';

/** A document that was left out because an earlier one says the same. */
export interface Duplicate {
  readonly id: string;
  /** The document that was kept. */
  readonly of: string;
  /** Share of common five-word stretches; 1 for the same text up to case and white space. */
  readonly similarity: number;
  readonly bytes: number;
}

export interface Deduplicated {
  readonly kept: readonly Document[];
  readonly duplicates: readonly Duplicate[];
}

/** Similarity from which a document is a duplicate, unless told. */
export const DUPLICATE_THRESHOLD = 0.8;

export interface DeduplicateOptions {
  /** Similarity from which a document is a duplicate, in (0, 1]. Below 0.7 some are missed. */
  readonly threshold?: number;
  readonly seed?: number;
  /** Where what later documents are compared with is kept meanwhile; the directory of temporary files unless told. */
  readonly scratch?: string;
}

/**
 * Finds documents that repeat an earlier one: the same text up to case and white space, or one that shares at least
 * `threshold` of its five-word stretches. Candidates come from MinHash and are then compared exactly, so what is left out
 * really is that similar. Texts are not kept: a document takes 170 to 400 bytes of memory, and 4 bytes a word on disk.
 */
export class Deduplicator {
  private readonly threshold: number;
  private readonly kept: KeptDocuments;
  private readonly byText = new IntegerTable();
  private readonly similar: MinHashIndex;

  /** Throws a FileError when nothing can be kept at `scratch`. */
  constructor({ threshold = DUPLICATE_THRESHOLD, seed = 0, scratch }: DeduplicateOptions = {}) {
    this.threshold = threshold;
    this.similar = new MinHashIndex(seed);
    this.kept = new KeptDocuments(scratch);
  }

  /** What the next document repeats; undefined when it is to be kept. Throws a FileError, as of a full disk. */
  add(document: Document): Duplicate | undefined {
    const digest = digestOf(document.text);
    const key = digest.readUInt32LE();
    const same = this.byText.valuesOf(key).find((number) => this.kept.digestOf(number).equals(digest));
    if (same !== undefined) return duplicateOf(document, this.kept.idOf(same), 1);
    const shingles = shinglesOf(document.text);
    const keys = this.similar.keysOf(shingles);
    const best = this.mostSimilar(shingles, keys);
    if (best && best.similarity >= this.threshold) {
      return duplicateOf(document, this.kept.idOf(best.number), best.similarity);
    }
    const number = this.kept.add(document.id, digest, shingles);
    this.byText.add(key, number);
    this.similar.add(number, keys);
    return undefined;
  }

  /** Gives up what is on disk; nothing can be added any more. */
  close(): void {
    this.kept.close();
  }

  private mostSimilar(shingles: Uint32Array, keys: Uint32Array) {
    let best: { readonly number: number; readonly similarity: number } | undefined;
    for (const number of this.similar.candidates(keys)) {
      const similarity = jaccard(shingles, this.kept.shinglesOf(number));
      if (!best || similarity > best.similarity) best = { number, similarity };
    }
    return best;
  }
}

/** The documents that a {@link Deduplicator} keeps, and the others. Throws a FileError when nothing can be kept at `scratch`. */
export function deduplicate(documents: readonly Document[], options?: DeduplicateOptions): Deduplicated {
  const kept: Document[] = [];
  const duplicates: Duplicate[] = [];
  const deduplicator = new Deduplicator(options);
  try {
    for (const document of documents) {
      const duplicate = deduplicator.add(document);
      if (duplicate) duplicates.push(duplicate);
      else kept.push(document);
    }
  } finally {
    deduplicator.close();
  }
  return { kept, duplicates };
}

function duplicateOf({ id, text }: Document, of: string, similarity: number): Duplicate {
  return { id, of, similarity, bytes: Buffer.byteLength(text) };
}

/** The first 16 bytes of the SHA-256 of a text without its case, white space and Unicode form. */
function digestOf(text: string): Buffer {
  const plain = text.normalize('NFC').toLowerCase().replace(/\s+/gu, ' ').trim();
  return createHash('sha256').update(plain).digest().subarray(0, 16);
}
