import { stat } from 'node:fs/promises';
import { findTextFiles, readTextBlocks, type TextFile } from '../data/index.js';
import { linesOf } from '../tokenize/index.js';

/** Bytes that were read, of all; `total` is 0 where it is not known, as of a pipe. */
export interface CorpusProgress {
  readonly done: number;
  readonly total: number;
}

/** Text files that are read as a stream, so that they may be larger than memory. */
export class TextCorpus {
  private constructor(
    private readonly files: readonly TextFile[],
    readonly sizeBytes: number,
  ) {}

  /** Throws FileError or DataError for paths that name no text file. */
  static async find(paths: readonly string[], extensions?: readonly string[]): Promise<TextCorpus> {
    const files = await findTextFiles(paths, extensions && { extensions });
    let sizeBytes = 0;
    for (const { path } of files) sizeBytes += (await stat(path)).size;
    return new TextCorpus(files, sizeBytes);
  }

  /** Stretches of whole lines, about a mebibyte each. */
  *texts(onProgress?: (progress: CorpusProgress) => void): Generator<string> {
    let done = 0;
    for (const { text, sizeBytes } of readTextBlocks(this.files)) {
      yield text;
      done += sizeBytes;
      onProgress?.({ done, total: this.sizeBytes });
    }
  }

  /** The lines, with their ends. */
  *lines(onProgress?: (progress: CorpusProgress) => void): Generator<string> {
    for (const text of this.texts(onProgress)) yield* linesOf(text);
  }
}
