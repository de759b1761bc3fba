/** What a file of a corpus can be. */
export const CORPUS_FORMATS = ['text', 'jsonl', 'json', 'csv', 'tsv', 'parquet', 'fasta'] as const;

export type CorpusFormat = (typeof CORPUS_FORMATS)[number];

/** Formats whose records have named columns. */
export type TableFormat = Exclude<CorpusFormat, 'text' | 'fasta'>;

export type Compression = 'gz' | 'zst';

export interface FileFormat {
  readonly format: CorpusFormat;
  readonly compression?: Compression;
}

const COMPRESSIONS: readonly Compression[] = ['gz', 'zst'];

/** Files of a directory that count as text, by extension. */
export const TEXT_EXTENSIONS = ['.txt', '.text', '.md', '.markdown', '.rst', '.org', '.tex'] as const;

const EXTENSIONS: Readonly<Record<string, CorpusFormat>> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'json',
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.parquet': 'parquet',
  '.fasta': 'fasta',
  '.fa': 'fasta',
  '.faa': 'fasta',
};

const withCompressed = (extensions: readonly string[]) =>
  ['', ...COMPRESSIONS.map((name) => `.${name}`)].flatMap((end) => extensions.map((each) => each + end));

/** Files that a directory is read for, the first of these groups that it has: text, else records. JSON only when it is named. */
export const DIRECTORY_EXTENSIONS: readonly (readonly string[])[] = [
  withCompressed(TEXT_EXTENSIONS),
  withCompressed(Object.keys(EXTENSIONS).filter((extension) => extension !== '.json')),
];

/** The format of a file by its name: text where nothing is known of it. */
export function formatOf(path: string, format?: CorpusFormat): FileFormat {
  const name = path.toLowerCase();
  const compression = COMPRESSIONS.find((each) => name.endsWith(`.${each}`));
  const stem = compression ? name.slice(0, -compression.length - 1) : name;
  const known = Object.entries(EXTENSIONS).find(([extension]) => stem.endsWith(extension));
  return { format: format ?? known?.[1] ?? 'text', ...(compression && { compression }) };
}
