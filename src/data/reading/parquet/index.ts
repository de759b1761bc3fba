/** Columns of text of a Parquet file, page by page, in memory that does not depend on how the file was written. */
export type { Cell } from './column-chunk.js';
export type { ParquetSource } from './file-blocks.js';
export { fileSource, type OpenSource } from './file-source.js';
export { type ParquetTexts, parquetTexts } from './texts.js';
