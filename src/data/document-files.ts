import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { DataError } from '../core/index.js';
import { systemCode } from '../files/index.js';
import type { Document } from './document.js';

/** A file that documents come from. */
export interface SourceFile {
  readonly id: string;
  /** `text` where a file is one document or was cut into several; else each of its records is one. */
  readonly format: string;
}

/** Code units that wait to be written. */
const MOST_WAITING = 1 << 20;

/** Writes documents into a directory as they come, in files named as those they come from: texts as they are, records as JSONL. */
export class DocumentFiles {
  private readonly directory: string;
  private readonly formats: ReadonlyMap<string, string>;
  private current: { readonly source: string; readonly file: FileHandle } | undefined;
  private waiting: string[] = [];
  private waitingLength = 0;

  constructor(directory: string, sources: readonly SourceFile[]) {
    this.directory = resolve(directory);
    this.formats = new Map(sources.map(({ id, format }) => [id, format]));
  }

  /** Takes the next document; those of one file come one after the other. Throws a DataError for a name that cannot be taken. */
  async write({ id, text }: Document): Promise<void> {
    const { source, name, isRecord } = this.placeOf(id);
    if (source !== this.current?.source) await this.begin(source, name);
    this.waiting.push(isRecord ? `${JSON.stringify({ id, text })}\n` : text);
    this.waitingLength += text.length;
    if (this.waitingLength >= MOST_WAITING) await this.flush();
  }

  /** Returns when all is on the device. */
  async close(): Promise<void> {
    await this.flush();
    const { file } = this.current ?? {};
    this.current = undefined;
    await file?.sync();
    await file?.close();
  }

  private async begin(source: string, name: string): Promise<void> {
    await this.close();
    const path = resolve(join(this.directory, name));
    if (!path.startsWith(this.directory + sep)) {
      throw new DataError(`the document '${name}' would lie outside the directory; name its folder instead`);
    }
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'wx').catch((cause: unknown) => refuse(name, cause));
    this.current = { source, file };
  }

  private async flush(): Promise<void> {
    const text = this.waiting.join('');
    this.waiting = [];
    this.waitingLength = 0;
    if (text !== '') await this.current?.file.appendFile(text);
  }

  /** `a.txt` and its pieces `a.txt#0` go to `a.txt`, the records `a.csv.gz:7` to `a.csv.jsonl`. */
  private placeOf(id: string) {
    const source = this.formats.has(id) ? id : id.replace(/[#:][^#:]*$/, '');
    const name = source.replace(/\.(?:gz|zst)$/i, '');
    if ((this.formats.get(source) ?? 'text') === 'text') return { source, name, isRecord: false };
    return { source, name: /\.(?:jsonl|ndjson)$/i.test(name) ? name : `${name}.jsonl`, isRecord: true };
  }
}

function refuse(name: string, cause: unknown): never {
  if (systemCode(cause) !== 'EEXIST') throw cause;
  throw new DataError(`two files of the corpus would both be written as '${name}': give them other names`, {
    cause,
  });
}
