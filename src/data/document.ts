import { createHash } from 'node:crypto';

/** One text of a corpus. */
export interface Document {
  /** Path relative to what was asked for, with a passage number where one file was cut: stable across machines. */
  readonly id: string;
  readonly text: string;
}

/** SHA-256 over ids and texts, in hexadecimal: the identity of a corpus. */
export function fingerprint(documents: readonly Document[]): string {
  const hash = createHash('sha256');
  for (const { id, text } of documents) hash.update(id).update('\0').update(text).update('\0');
  return hash.digest('hex');
}
