import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { ConfigError, DataError } from '../../core/index.js';
import { DeduplicatedCorpus } from '../dedup/index.js';
import type { Document } from '../document.js';
import { fastaDocuments } from './fasta.js';
import { type CorpusFile, findFiles } from './files.js';
import { Filters, type LeftOut } from './filters.js';
import { type CorpusOptions, dedupThresholdOf } from './options.js';
import { recordDocuments } from './records.js';
import { tableDocuments } from './tables.js';
import { blocksOf, textDocuments } from './text.js';
import { NotTextError } from './text-file.js';

/** Code units of a group, about. */
const GROUP_LENGTH = 1 << 20;
/** Documents of a group, however short they are. */
const GROUP_DOCUMENTS = 1 << 13;

/** A corpus that is read as a stream, any number of times (a pipe: once), in the order of ids. */
export class Corpus {
  private filters: Filters;
  private readonly unique: DeduplicatedCorpus | undefined;

  private constructor(
    readonly files: readonly CorpusFile[],
    private readonly paths: readonly string[],
    private readonly options: CorpusOptions,
    scratch: string | undefined,
  ) {
    this.filters = new Filters(options);
    const threshold = this.dedupThreshold;
    if (threshold === undefined) return;
    const filtered = { documents: () => this.filtered() };
    this.unique = new DeduplicatedCorpus(filtered, { threshold, ...(scratch !== undefined && { scratch }) });
  }

  /**
   * Finds the files that `paths` name, as `findFiles` does. Throws a FileError for what is missing or unreadable, a DataError
   * for a directory without a file to read, and a ConfigError for options that cannot work.
   *
   * @param scratch the directory for what `dedup` keeps on disk while it reads; that of temporary files unless told
   */
  static async open(
    paths: readonly string[],
    options: CorpusOptions = {},
    scratch?: string,
  ): Promise<Corpus> {
    if (options.dedupThreshold !== undefined && !options.dedup) {
      throw new ConfigError('dedupThreshold says what dedup leaves out: expected dedup: true beside it');
    }
    const files = await findFiles(paths, options);
    const columns = (['textColumn', 'where'] as const).find((key) => options[key] !== undefined);
    const bare = files.find(({ format }) => format === 'text' || format === 'fasta');
    if (columns && bare) {
      const name = columns === 'where' ? '--where' : '--text-column';
      throw new ConfigError(`${name} is for tables: '${bare.path}' is ${bare.format}`);
    }
    return new Corpus(files, paths, options, scratch);
  }

  /** Bytes of the files as they are stored; 0 of a pipe. */
  get sizeBytes(): number {
    return this.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /** SHA-256 of options, ids, sizes and modification times: equal means nothing was touched since; undefined of a pipe. */
  get signature(): string | undefined {
    if (this.files.some(({ isPipe }) => isPipe)) return undefined;
    const files = this.files.map(({ id, sizeBytes, modifiedMs }) => [id, sizeBytes, modifiedMs]);
    return createHash('sha256')
      .update(JSON.stringify({ options: this.options, files }))
      .digest('hex');
  }

  /** Similarity from which a document is left out as a duplicate; undefined where none is. */
  get dedupThreshold(): number | undefined {
    return dedupThresholdOf(this.options);
  }

  /** What was left out of the documents that were read last. */
  get leftOut(): LeftOut {
    const duplicates = this.unique?.duplicates ?? 0;
    return { ...this.filters.leftOut(), ...(duplicates > 0 && { '--dedup': duplicates }) };
  }

  /**
   * Documents in the order of the files and within them, in groups of about a mebibyte: memory is bounded by one group and one
   * document, and with `dedup` by some hundred bytes for each document before. Those without text are left out. Throws what
   * reading throws, and a DataError when there is no text at all or a file changes meanwhile.
   */
  documents(): AsyncGenerator<readonly Document[], void> {
    return this.unique?.documents() ?? this.filtered();
  }

  private async *filtered(): AsyncGenerator<readonly Document[], void> {
    this.filters = new Filters(this.options);
    let isEmpty = true;
    for await (const group of groupsOf(this.all())) {
      const kept = this.filters.apply(group);
      if (kept.length === 0) continue;
      isEmpty = false;
      yield kept;
    }
    if (isEmpty) throw this.noText();
  }

  /** Text in stretches as they are read: whole lines of about a mebibyte of text files that nothing filters, else documents. */
  async *texts(): AsyncGenerator<{ readonly text: string; readonly sizeBytes: number }, void> {
    if (
      !this.unique &&
      this.filters.isEmpty &&
      !this.options.skipBinary &&
      this.files.every(({ format }) => format === 'text')
    ) {
      for (const file of this.files) yield* blocksOf(file);
      return;
    }
    for await (const documents of this.documents()) {
      for (const { text } of documents) yield { text, sizeBytes: Buffer.byteLength(text) };
    }
  }

  private async *all(): AsyncGenerator<Document, void> {
    for (const file of this.files) {
      // An empty file has no columns to be asked for.
      if (file.sizeBytes === 0 && !file.isPipe) continue;
      yield* this.readable(file);
      await assertUnchanged(file);
    }
  }

  private async *readable(file: CorpusFile): AsyncGenerator<Document, void> {
    try {
      yield* documentsOf(file, this.options);
    } catch (error) {
      if (!this.options.skipBinary || !(error instanceof NotTextError)) throw error;
      this.filters.count('--skip-binary', 1);
    }
  }

  private noText(): DataError {
    const where = this.paths.map((path) => `'${path}'`).join(', ');
    const filters = Object.entries(this.leftOut).map(([name, count]) => `${name} left out ${count}`);
    const why = filters.length > 0 ? ` (${filters.join(', ')})` : '';
    return new DataError(`no text in ${where}${why}: expected at least one word`);
  }
}

/** All documents of a corpus at once; throws as reading a {@link Corpus} does. */
export async function readCorpus(paths: readonly string[], options?: CorpusOptions): Promise<Document[]> {
  const documents: Document[] = [];
  for await (const group of (await Corpus.open(paths, options)).documents()) documents.push(...group);
  return documents;
}

function documentsOf(file: CorpusFile, options: CorpusOptions): AsyncGenerator<Document, void> {
  const { format } = file;
  if (format === 'text') return textDocuments(file);
  if (format === 'fasta') return fastaDocuments(file);
  const isTable = format === 'json' || format === 'parquet';
  return isTable ? tableDocuments(file, options) : recordDocuments(file, options);
}

async function* groupsOf(documents: AsyncIterable<Document>): AsyncGenerator<Document[], void> {
  let group: Document[] = [];
  let length = 0;
  for await (const document of documents) {
    if (document.text.trim() === '') continue;
    group.push(document);
    length += document.text.length;
    if (length < GROUP_LENGTH && group.length < GROUP_DOCUMENTS) continue;
    yield group;
    group = [];
    length = 0;
  }
  if (group.length > 0) yield group;
}

async function assertUnchanged({ path, isPipe, sizeBytes, modifiedMs }: CorpusFile): Promise<void> {
  if (isPipe) return;
  const now = await stat(path).catch(() => undefined);
  if (now?.size === sizeBytes && now.mtimeMs === modifiedMs) return;
  throw new DataError(`'${path}' changed while it was read: begin again when nothing writes to it`);
}
