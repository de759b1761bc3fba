import type { Document } from '../document.js';
import { type DeduplicateOptions, Deduplicator, type Duplicate } from './deduplicate.js';

/** A corpus as far as its duplicates can be left out. */
export interface Deduplicable {
  documents(): AsyncIterable<readonly Document[]>;
}

/** A corpus without the documents that repeat an earlier one: they are found at the first reading, and left out of every one. */
export class DeduplicatedCorpus {
  /** Numbers of the documents that are left out, ascending, once a reading has come to its end. */
  private leftOut: readonly number[] | undefined;

  constructor(
    private readonly corpus: Deduplicable,
    private readonly options: DeduplicateOptions & {
      /** Is told of every document that is left out, at the first reading. */
      readonly onDuplicate?: (duplicate: Duplicate) => void;
    } = {},
  ) {}

  /** Number of documents that are left out; 0 before a reading has come to its end. */
  get duplicates(): number {
    return this.leftOut?.length ?? 0;
  }

  /** Groups of the documents that are kept, as the corpus gives them. Throws what reading throws, and a FileError. */
  documents(): AsyncGenerator<readonly Document[], void> {
    return this.leftOut ? this.known(this.leftOut) : this.found();
  }

  private async *known(leftOut: readonly number[]): AsyncGenerator<readonly Document[], void> {
    let [number, next] = [0, 0];
    for await (const group of this.corpus.documents()) {
      const kept = group.filter(() => {
        const isLeftOut = leftOut[next] === number++;
        next += Number(isLeftOut);
        return !isLeftOut;
      });
      if (kept.length > 0) yield kept;
    }
  }

  private async *found(): AsyncGenerator<readonly Document[], void> {
    const deduplicator = new Deduplicator(this.options);
    const leftOut: number[] = [];
    let number = 0;
    try {
      for await (const group of this.corpus.documents()) {
        const kept: Document[] = [];
        for (const document of group) {
          const duplicate = deduplicator.add(document);
          if (duplicate) {
            leftOut.push(number);
            this.options.onDuplicate?.(duplicate);
          } else kept.push(document);
          number++;
        }
        if (kept.length > 0) yield kept;
      }
    } finally {
      deduplicator.close();
    }
    this.leftOut = leftOut;
  }
}
