/** What is wrong with a part of a Parquet file; whoever reads the file says which. */
export class ParquetError extends Error {}
