import type { CompressionCodec } from 'hyparquet';
import { gunzip, unbrotli, unzstd } from '../expand.js';
import { unlz4, unsnappy } from './block-codecs.js';
import { ParquetError } from './parquet-error.js';

type Bytes = AsyncIterable<Buffer>;
type Expand = (bytes: Bytes, sizeBytes: number) => Bytes;

/** How pages are expanded, piece by piece; what is not here (LZO, LZ4 in Hadoop's frames) is left to DuckDB. */
const CODECS: Partial<Readonly<Record<CompressionCodec, Expand>>> = {
  UNCOMPRESSED: (bytes) => bytes,
  SNAPPY: unsnappy,
  GZIP: gunzip,
  BROTLI: unbrotli,
  ZSTD: unzstd,
  LZ4_RAW: unlz4,
};

/** The way to expand pages that are compressed like that, if there is one. */
export function expanderOf(codec: CompressionCodec): Expand | undefined {
  const expand = CODECS[codec];
  return expand && ((bytes, size) => exactly(size, expand(bytes, size)));
}

async function* exactly(size: number, pieces: Bytes): AsyncGenerator<Buffer, void> {
  let left = size;
  for await (const piece of pieces) {
    left -= piece.length;
    if (left < 0) throw new ParquetError('expands to more than its sizes say');
    yield piece;
  }
  if (left > 0) throw new ParquetError('holds less than its sizes say');
}
