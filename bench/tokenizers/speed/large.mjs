// Trains on an endless-looking corpus: the files given, their lines shuffled and repeated up to a size; see README.md.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values: options, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    library: { type: 'string', default: new URL('../../../dist', import.meta.url).pathname },
    megabytes: { type: 'string', default: '1000' },
    model: { type: 'string', default: 'bpe' },
    'vocab-size': { type: 'string', default: '32000' },
  },
});
const { RandomStream, RandomPurpose, shuffleInPlace } = await import(`${options.library}/core/index.js`);
const { trainBpe, trainByteBpe, trainUnigram, trainWordPiece } = await import(
  `${options.library}/tokenize/index.js`
);
const train = { bpe: trainBpe, 'byte-bpe': trainByteBpe, unigram: trainUnigram, wordpiece: trainWordPiece }[
  options.model
];

const lines = files.flatMap((name) => readFileSync(name, 'utf8').split('\n'));
let bytes = 0;
let mostBytes = 0;
function* texts() {
  for (let round = 0; bytes < 1e6 * Number(options.megabytes); round++) {
    const order = Uint32Array.from(lines.keys());
    shuffleInPlace(order, new RandomStream(0, RandomPurpose.shuffling, round));
    for (const index of order) {
      bytes += Buffer.byteLength(lines[index]) + 1;
      yield `${lines[index]}\n`;
      if (index % 1024 === 0) mostBytes = Math.max(mostBytes, process.memoryUsage.rss());
    }
  }
}

const start = performance.now();
const tokenizer = train(texts(), {
  vocabSize: Number(options['vocab-size']),
  onForget: (words) => console.log(`forgot ${words} words`),
});
const seconds = (performance.now() - start) / 1000;
mostBytes = Math.max(mostBytes, process.resourceUsage().maxRSS * 1024);
console.log(
  `${options.model}: ${(bytes / 1e9).toFixed(2)} GB, ${tokenizer.vocabSize} tokens, ${seconds.toFixed(1)} s, ` +
    `at most ${(mostBytes / 1e6).toFixed(0)} MB resident`,
);
