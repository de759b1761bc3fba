// Writes a table of records of about the same length from the words of texts; see README.md.
//
//   node bench/preparation/records.mjs OUT.jsonl|OUT.csv RECORD_BYTES MEGABYTES FILE...
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { extname } from 'node:path';

const [out, recordBytes, megabytes, ...files] = process.argv.slice(2);
const isCsv = extname(out ?? '') === '.csv';
if (files.length === 0 || !(isCsv || extname(out) === '.jsonl')) {
  throw new Error('give a file to write (.jsonl or .csv), bytes of a record, megabytes and texts');
}
const words = files.flatMap((name) => readFileSync(name, 'utf8').split(/\s+/));
const stream = createWriteStream(out);
if (isCsv) stream.write('id,text,lang\n');
let written = 0;
let at = 0;
for (let id = 0; written < 1e6 * Number(megabytes); id++) {
  const taken = [];
  for (let size = 0; size < Number(recordBytes); at++) {
    const word = words[at % words.length];
    taken.push(word);
    size += Buffer.byteLength(word) + 1;
  }
  const text = taken.join(' ');
  const record = isCsv
    ? `${id},"${text.replaceAll('"', '""')}",en\n`
    : `${JSON.stringify({ id, text, lang: 'en' })}\n`;
  written += Buffer.byteLength(record);
  if (!stream.write(record)) await once(stream, 'drain');
}
stream.end();
await once(stream, 'finish');
console.log(`${written} bytes`);
