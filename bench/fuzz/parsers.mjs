// Feeds mutated files to a parser and counts what comes of it; see README.md.
// node bench/fuzz/parsers.mjs <safetensors|pickle|config> [inputs] [seed]
import { readFileSync } from 'node:fs';
import { decodeSafetensors, decodeTorch, encodeSafetensors } from '../../dist/formats/index.js';
import { families, readModel } from '../../dist/model/index.js';

const MAX_MS = 2000;
const MAX_HEAP_GROWTH = 512 * 2 ** 20;

/** A small generator of its own (xorshift32), so that a run is repeated by its seed. */
function randomInts(seed) {
  let state = (seed * 2654435761 + 1) >>> 0 || 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % bound;
  };
}

const golden = (name) =>
  new Uint8Array(readFileSync(new URL(`../../src/formats/goldens/${name}`, import.meta.url)));

const sizes = {
  vocabSize: 30,
  hiddenSize: 8,
  numHiddenLayers: 1,
  numAttentionHeads: 2,
  intermediateSize: 8,
  maxTokens: 16,
  initializerRange: 0.02,
  padTokenId: 0,
  clsTokenId: 2,
  sepTokenId: 3,
  maskTokenId: 4,
};

const PARSERS = {
  safetensors: {
    seeds: () => [
      golden('mixed.safetensors'),
      golden('float32.safetensors'),
      encodeSafetensors(new Map([['a', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }]])),
    ],
    parse: (bytes) => decodeSafetensors(bytes, 'fuzz'),
  },
  pickle: {
    seeds: () => [golden('torch-zip.pt'), golden('torch-legacy.pt')],
    parse: (bytes) => decodeTorch(bytes, 'fuzz'),
  },
  config: {
    seeds: () =>
      families.map((family) =>
        new TextEncoder().encode(JSON.stringify(family.create(sizes).toHuggingFace())),
      ),
    parse: (bytes) => {
      let json;
      try {
        json = JSON.parse(new TextDecoder().decode(bytes));
      } catch {
        return 'no JSON';
      }
      return readModel(json, 'fuzz');
    },
  },
};

/** Bytes that mean something to one of the formats. */
const TELLING = [0, 1, 0x7f, 0x80, 0xff, ...new TextEncoder().encode('{}[]",:.0123456789-eE(tRcbu')];

function mutate(seed, pick) {
  let bytes = seed.slice();
  for (let changes = 1 + pick(6); changes > 0; changes--) {
    const at = pick(bytes.length || 1);
    const kind = pick(6);
    if (kind === 0) bytes[at] ^= 1 << pick(8);
    else if (kind === 1) bytes[at] = TELLING[pick(TELLING.length)];
    else if (kind === 2) bytes = bytes.slice(0, at);
    else if (kind === 3) {
      const from = pick(bytes.length || 1);
      bytes.copyWithin(at, from, from + pick(16));
    } else if (kind === 4) {
      const added = Uint8Array.from({ length: 1 + pick(8) }, () => TELLING[pick(TELLING.length)]);
      const longer = new Uint8Array(bytes.length + added.length);
      longer.set(bytes.subarray(0, at));
      longer.set(added, at);
      longer.set(bytes.subarray(at), at + added.length);
      bytes = longer;
    } else for (let byte = at; byte < Math.min(at + 8, bytes.length); byte++) bytes[byte] = pick(256);
  }
  return bytes;
}

const [name = 'safetensors', count = '1000000', seed = '1'] = process.argv.slice(2);
const parser = PARSERS[name];
const seeds = parser.seeds();
const pick = randomInts(Number(seed));
const outcomes = new Map();
const started = performance.now();
const heapBefore = process.memoryUsage().rss;
let [slowest, largest] = [0, 0];
for (let input = 0; input < Number(count); input++) {
  const bytes = mutate(seeds[pick(seeds.length)], pick);
  const before = performance.now();
  let outcome = 'parsed';
  try {
    parser.parse(bytes);
  } catch (error) {
    outcome = error?.code === undefined ? `crash: ${error}` : `refused (${error.code})`;
    if (outcome.startsWith('crash')) {
      console.error(`input ${input}: ${Buffer.from(bytes).toString('base64')}`);
      throw error;
    }
  }
  const took = performance.now() - before;
  slowest = Math.max(slowest, took);
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  if (input % 10_000 === 0) largest = Math.max(largest, process.memoryUsage().rss - heapBefore);
}
const seconds = (performance.now() - started) / 1000;
console.log(
  JSON.stringify({
    parser: name,
    inputs: Number(count),
    seed: Number(seed),
    outcomes: Object.fromEntries(outcomes),
    slowestMs: Number(slowest.toFixed(1)),
    memoryGrowthMiB: Math.round(largest / 2 ** 20),
    seconds: Math.round(seconds),
  }),
);
if (slowest > MAX_MS || largest > MAX_HEAP_GROWTH) process.exit(1);
