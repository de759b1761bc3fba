import { z } from 'zod';
import { DUPLICATE_THRESHOLD } from '../dedup/index.js';
import { CORPUS_FORMATS } from './format.js';

const share = z.number().min(0).max(1);
const names = z.array(z.string().min(1)).min(1).readonly();

/** How the files of a corpus are read, and which of their texts are taken. */
export const corpusOptionsSchema = z.strictObject({
  /** Which files of a directory to read, by the end of their names. */
  extensions: names.exactOptional(),
  /** What files are, whatever their names say. */
  format: z.enum(CORPUS_FORMATS).exactOptional(),
  /** Columns of tables that hold text; several are joined by a line feed. */
  textColumn: names.exactOptional(),
  /** A condition in SQL on the columns of tables. */
  where: z.string().min(1).exactOptional(),
  /** Only texts in which this regular expression is found. */
  match: z.string().exactOptional(),
  /** Only texts in which it is not found. */
  notMatch: z.string().exactOptional(),
  /** Only texts most of whose letters belong to one of these Unicode scripts, such as Latin. */
  scripts: names.exactOptional(),
  minWords: z.int().nonnegative().exactOptional(),
  maxWords: z.int().positive().exactOptional(),
  /** Most symbols (neither letters, digits nor white space) among the characters. */
  maxSymbolShare: share.exactOptional(),
  minCharactersPerWord: z.number().positive().exactOptional(),
  maxCharactersPerWord: z.number().positive().exactOptional(),
  /** Most characters of a line on average: minified and generated code has more than a thousand. */
  maxCharactersPerLine: z.number().positive().exactOptional(),
  /** Leaves out text files that are not UTF-8, and counts them, instead of an error. */
  skipBinary: z.boolean().exactOptional(),
  /** Leaves out documents that repeat an earlier one, wholly or nearly, after all filters. */
  dedup: z.boolean().exactOptional(),
  /** With `dedup`: share of five-word stretches in common from which a document is a duplicate; 0.8 unless told. */
  dedupThreshold: z.number().min(0.5).max(1).exactOptional(),
});

export type CorpusOptions = Readonly<z.infer<typeof corpusOptionsSchema>>;

/** Similarity from which a document is left out as a duplicate; undefined where none is. */
export function dedupThresholdOf(options: CorpusOptions): number | undefined {
  const { dedup, dedupThreshold = DUPLICATE_THRESHOLD } = options;
  return dedup ? dedupThreshold : undefined;
}
