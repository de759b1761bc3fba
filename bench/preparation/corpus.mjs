// Writes a corpus of any size: the lines of the files given, shuffled by a seed and repeated, in files of 8 MB.
//
//   node bench/preparation/corpus.mjs FOLDER MEGABYTES FILE...
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FILE_BYTES = 8e6;

/**
 * @param {string} library the built library
 * @param {{ files: readonly string[], folder: string, bytes: number }} corpus what to write, and where
 * @returns {Promise<number>} the bytes written
 */
export async function writeCorpus(library, { files, folder, bytes }) {
  const { RandomPurpose, RandomStream, shuffleInPlace } = await import(`${library}/core/index.js`);
  const lines = files.flatMap((name) => readFileSync(name, 'utf8').split('\n'));
  mkdirSync(folder, { recursive: true });
  let written = 0;
  let pending = [];
  let pendingBytes = 0;
  let number = 0;
  const flush = () => {
    const name = `${String(number++).padStart(5, '0')}.txt`;
    writeFileSync(join(folder, name), `${pending.join('\n')}\n`);
    written += pendingBytes;
    pending = [];
    pendingBytes = 0;
  };
  for (let round = 0; written < bytes; round++) {
    const order = Uint32Array.from(lines.keys());
    shuffleInPlace(order, new RandomStream(0, RandomPurpose.shuffling, round));
    for (const index of order) {
      pending.push(lines[index]);
      pendingBytes += Buffer.byteLength(lines[index]) + 1;
      if (pendingBytes >= FILE_BYTES) flush();
      if (written >= bytes) break;
    }
  }
  return written;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, megabytes, ...files] = process.argv.slice(2);
  if (files.length === 0) throw new Error('give a folder to write, megabytes and texts');
  const library = fileURLToPath(new URL('../../dist', import.meta.url));
  console.log(`${await writeCorpus(library, { files, folder, bytes: 1e6 * Number(megabytes) })} bytes`);
}
