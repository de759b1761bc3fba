// Feeds mutated files to a parser and counts what comes of it; see README.md.
// node bench/fuzz/parsers.mjs <safetensors|pickle|config|config-values|onnx|parquet> [inputs] [seed]
import { readdirSync, readFileSync } from 'node:fs';
import { parquetTexts } from '../../dist/data/reading/parquet/index.js';
import { decodeOnnx, decodeSafetensors, decodeTorch, encodeSafetensors } from '../../dist/formats/index.js';
import { encodeDraft, verifyModel } from '../../dist/graph/index.js';
import { draftInference } from '../../dist/hub/index.js';
import { families, initialParameters, readModel } from '../../dist/model/index.js';

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

const configs = () => families.map((family) => family.create(sizes).toHuggingFace());

/** Values that a configuration may hold where another was expected. */
const STRANGE = [
  ...[null, true, '', 'gelu', '__proto__', 0, 1, -1, 0.5, 3, 7, 1e9, 2 ** 53, 1e308, -0],
  ...[[], {}, [1, 2], ['full_attention'], { full_attention: { rope_theta: 0 } }],
];

/** A configuration with some of its values replaced, exchanged, left out, or put under another's key. */
function mutateConfig(config, pick) {
  const changed = structuredClone(config);
  const keys = Object.keys(changed);
  for (let changes = 1 + pick(4); changes > 0; changes--) {
    const [key, other] = [keys[pick(keys.length)], keys[pick(keys.length)]];
    const kind = pick(4);
    if (kind === 0) delete changed[key];
    else if (kind === 1) changed[key] = changed[other];
    else changed[key] = STRANGE[pick(STRANGE.length)];
  }
  return changed;
}

const PARSERS = {
  safetensors: {
    seeds: () => [
      golden('mixed.safetensors'),
      golden('float32.safetensors'),
      encodeSafetensors(new Map([['a', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }]])),
    ],
    parse: (bytes) => void decodeSafetensors(bytes, 'fuzz'),
  },
  pickle: {
    seeds: () => [golden('torch-zip.pt'), golden('torch-legacy.pt')],
    parse: (bytes) => void decodeTorch(bytes, 'fuzz'),
  },
  config: {
    seeds: () => configs().map((config) => new TextEncoder().encode(JSON.stringify(config))),
    parse: (bytes) => {
      let json;
      try {
        json = JSON.parse(new TextDecoder().decode(bytes));
      } catch {
        return 'no JSON';
      }
      readModel(json, 'fuzz');
      return 'parsed';
    },
  },
  'config-values': {
    seeds: configs,
    mutate: mutateConfig,
    parse: (config) => {
      readModel(config, 'fuzz');
      return 'parsed';
    },
  },
  onnx: {
    seeds: () =>
      families.slice(0, 2).map((family) => {
        const model = family.create(sizes);
        const draft = draftInference(model, initialParameters(model, { seed: 0 }));
        return encodeDraft(draft, { externalFile: 'weights' }).model;
      }),
    parse: (bytes) => {
      verifyModel(decodeOnnx(bytes, 'fuzz'), {
        dynamicSizes: new Set(['batch_size', 'sequence_length']),
      });
      return 'parsed';
    },
  },
  parquet: {
    seeds: () => {
      const goldens = new URL('../../src/data/reading/parquet/goldens/', import.meta.url);
      const names = readdirSync(goldens).filter((name) => name.endsWith('.parquet'));
      return names.map((name) => new Uint8Array(readFileSync(new URL(name, goldens))));
    },
    mutate: mutatePages,
    parse: async (bytes) => {
      const read = async (position, size) => Buffer.from(bytes.subarray(position, position + size));
      const texts = await parquetTexts({ sizeBytes: bytes.length, read }, 'fuzz', ['text']);
      if (!texts) return 'left to DuckDB';
      for await (const _ of texts);
      return 'parsed';
    },
  },
};

/** A Parquet file with its footer as it was, but where it begins; DuckDB has checked the footer before the pages are read. */
function mutatePages(seed, pick) {
  if (pick(10) === 0) return mutate(seed, pick);
  const footer = new DataView(seed.buffer).getUint32(seed.length - 8, true) + 8;
  const pages = mutate(seed.subarray(0, -footer), pick);
  return Uint8Array.from([...pages, ...seed.subarray(-footer)]);
}

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
  const bytes = (parser.mutate ?? mutate)(seeds[pick(seeds.length)], pick);
  const before = performance.now();
  let outcome = 'parsed';
  try {
    outcome = (await parser.parse(bytes)) ?? outcome;
  } catch (error) {
    outcome = error?.code === undefined ? `crash: ${error}` : `refused (${error.code})`;
    if (outcome.startsWith('crash')) {
      const shown =
        bytes instanceof Uint8Array ? Buffer.from(bytes).toString('base64') : JSON.stringify(bytes);
      console.error(`input ${input}: ${shown}`);
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
