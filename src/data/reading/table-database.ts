import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { chunksOf } from './chunks.js';
import type { CorpusFile } from './files.js';
import { quoted } from './table-sources.js';

/** DuckDB keeps within this; it takes what a row group of a Parquet file takes, and a few buffers of other files. */
const MEMORY_LIMIT = '1GB';

/** A database that sees one file and nothing else of the machine. */
export interface TableDatabase {
  readonly connection: DuckDBConnection;
  /** Where the file is; of a pipe, the copy of it. */
  readonly path: string;
  readonly close: () => Promise<void>;
}

/** Opens a database for a file. Throws a FileError or a DataError for a pipe that cannot be copied. */
export async function openTableDatabase(file: CorpusFile): Promise<TableDatabase> {
  // Loaded late: it is large, and few commands need it.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const piped = file.isPipe ? await keepPipe(file) : undefined;
  const path = piped?.path ?? file.path;
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: MEMORY_LIMIT });
  const connection = await instance.connect();
  const close = async () => {
    connection.closeSync();
    instance.closeSync();
    await piped?.remove();
  };
  try {
    await connection.run(`set allowed_paths = [${quoted(path)}]`);
    await connection.run('set enable_external_access = false');
    return { connection, path, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

interface KeptPipe {
  readonly path: string;
  readonly remove: () => Promise<void>;
}

/** A table cannot be read from its beginning to its end only, as a pipe can: it is copied, and removed when it is read. */
async function keepPipe(file: CorpusFile): Promise<KeptPipe> {
  const folder = await mkdtemp(join(tmpdir(), 'lacuna-pipe-'));
  const path = join(folder, `records.${file.format}${file.compression ? `.${file.compression}` : ''}`);
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await pipeline(chunksOf(file.path), createWriteStream(path));
    return { path, remove };
  } catch (cause) {
    await remove();
    throw cause;
  }
}
