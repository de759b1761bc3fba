// Writes a table of records of about the same length from the words of texts; see README.md.
//
//   node bench/preparation/records.mjs OUT.jsonl|OUT.csv|OUT.parquet RECORD_BYTES MEGABYTES FILE... [--numbered]
import { once } from 'node:events';
import { createWriteStream, readFileSync, rmSync } from 'node:fs';
import { extname } from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';

const { values: flags, positionals } = parseArgs({
  options: { numbered: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [out, recordBytes, megabytes, ...files] = positionals;
const format = extname(out ?? '').slice(1);
if (files.length === 0 || !['jsonl', 'csv', 'parquet'].includes(format)) {
  throw new Error('give a file to write (.jsonl, .csv or .parquet), bytes of a record, megabytes and texts');
}
const words = files.flatMap((name) => readFileSync(name, 'utf8').split(/\s+/));
const written = format === 'parquet' ? `${out}.jsonl` : out;
console.log(`${await writeLines(written)} bytes`);
if (format === 'parquet') {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const columns = "columns = {id: 'BIGINT', text: 'VARCHAR', lang: 'VARCHAR'}";
  await connection.run(`copy (from read_json('${written}', ${columns})) to '${out}' (format parquet)`);
  rmSync(written);
}

async function writeLines(path) {
  const isCsv = format === 'csv';
  const stream = createWriteStream(path);
  if (isCsv) stream.write('id,text,lang\n');
  let bytes = 0;
  let at = 0;
  for (let id = 0; bytes < 1e6 * Number(megabytes); id++) {
    const taken = flags.numbered ? [id] : [];
    for (let size = 0; size < Number(recordBytes); at++) {
      const word = words[at % words.length];
      taken.push(word);
      size += Buffer.byteLength(word) + 1;
    }
    const text = taken.join(' ');
    const record = isCsv
      ? `${id},"${text.replaceAll('"', '""')}",en\n`
      : `${JSON.stringify({ id, text, lang: 'en' })}\n`;
    bytes += Buffer.byteLength(record);
    if (!stream.write(record)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
  return bytes;
}
