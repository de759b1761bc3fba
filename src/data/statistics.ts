import { type Duplicate, hashOf, IntegerTable } from './dedup/index.js';
import type { Document } from './document.js';
import { symbolsOf, wordsOf } from './reading/index.js';

/** Duplicates that are shown as examples. */
const EXAMPLES = 5;

export interface CorpusStatistics {
  readonly documents: number;
  /** Of the texts in UTF-8. */
  readonly bytes: number;
  readonly words: number;
  /** Without their case. */
  readonly distinctWords: number;
  /** Of all characters, those that are neither letters, digits nor white space. */
  readonly symbolShare: number;
  /** White space and symbols are characters, too. */
  readonly charactersPerWord: number;
  readonly longest: { readonly id: string; readonly bytes: number };
  readonly duplicates: number;
  /** Of the duplicates, those with the same text up to case and white space. */
  readonly exactDuplicates: number;
  readonly duplicateBytes: number;
  /** The first few duplicates. */
  readonly examples: readonly Duplicate[];
}

/** Adds up what a corpus is like as it is read; memory grows with distinct words only, by about 16 bytes each. */
export class StatisticsCounter {
  private documents = 0;
  private bytes = 0;
  private words = 0;
  private characters = 0;
  private symbols = 0;
  private longest = { id: '', bytes: 0 };
  private readonly seen = new IntegerTable();
  private duplicates = { count: 0, exact: 0, bytes: 0 };
  private readonly examples: Duplicate[] = [];

  /** Counts a document and, where it repeats an earlier one, that too. */
  add({ id, text }: Document, duplicate?: Duplicate): void {
    const bytes = Buffer.byteLength(text);
    this.documents++;
    this.bytes += bytes;
    this.characters += text.length;
    this.symbols += symbolsOf(text);
    if (bytes > this.longest.bytes) this.longest = { id, bytes };
    for (const word of wordsOf(text)) this.addWord(word.toLowerCase());
    if (duplicate) this.addDuplicate(duplicate);
  }

  result(): CorpusStatistics {
    const { documents, bytes, words, longest, duplicates, examples } = this;
    return {
      documents,
      bytes,
      words,
      distinctWords: this.seen.size,
      symbolShare: this.symbols / Math.max(1, this.characters),
      charactersPerWord: this.characters / Math.max(1, words),
      longest,
      duplicates: duplicates.count,
      exactDuplicates: duplicates.exact,
      duplicateBytes: duplicates.bytes,
      examples,
    };
  }

  private addWord(word: string): void {
    this.words++;
    const key = hashOf(word);
    // Together 63 bits: two words that share them are not to be expected.
    const other = hashOf(word, 1) >>> 1;
    if (!this.seen.valuesOf(key).includes(other)) this.seen.add(key, other);
  }

  private addDuplicate(duplicate: Duplicate): void {
    this.duplicates.count++;
    this.duplicates.exact += Number(duplicate.similarity === 1);
    this.duplicates.bytes += duplicate.bytes;
    if (this.examples.length < EXAMPLES) this.examples.push(duplicate);
  }
}
