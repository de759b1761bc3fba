// Reads a corpus to its end and prints what that takes; see README.md.
//
//   node bench/preparation/read.mjs PATH [CONDITION]
import { Corpus } from '../../dist/data/index.js';
import { ownBytes } from './memory.mjs';

const [path, where] = process.argv.slice(2);
const before = ownBytes(process.pid);
let most = before;
let documents = 0;
for await (const group of (await Corpus.open([path], where === undefined ? {} : { where })).documents()) {
  documents += group.length;
  most = Math.max(most, ownBytes(process.pid));
}
const { user, system } = process.cpuUsage();
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
console.log(
  `${documents} documents, at most ${megabytes(most)} (${megabytes(before)} before), ${((user + system) / 1e6).toFixed(1)} s of processor time`,
);
