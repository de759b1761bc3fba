import { createHash } from 'node:crypto';

/** One text of a corpus. */
export interface Document {
  /** Path relative to what was asked for, with a passage number where one file was cut: stable across machines. */
  readonly id: string;
  readonly text: string;
}

/** The identity of a corpus, built up as it is read: SHA-256 over ids and texts. */
export class CorpusFingerprint {
  private readonly hash = createHash('sha256');

  add({ id, text }: Document): void {
    this.hash.update(id).update('\0').update(text).update('\0');
  }

  /** In hexadecimal; nothing can be added any more. */
  digest(): string {
    return this.hash.digest('hex');
  }
}

/** The identity of these documents, in hexadecimal. */
export function fingerprint(documents: readonly Document[]): string {
  const corpus = new CorpusFingerprint();
  for (const document of documents) corpus.add(document);
  return corpus.digest();
}
