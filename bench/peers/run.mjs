// Measures Lacuna and its peers on the same step, in interleaved rounds on one machine; see README.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { stepSizes, writeExercise } from './exercise.mjs';
import { PEER_NAMES, startPeer } from './peer.mjs';
import { CACHE } from './setup.mjs';

const HELP = `Usage: node bench/peers/run.mjs [options]

  --preset NAME          tiny, mini, small or base (default: mini)
  --sequence-length N    T (default: 128)
  --batch-tokens N       tokens of a step (default: the preset's)
  --peers A,B            of ${PEER_NAMES.join(', ')} (default: lacuna,torch,run-mlm)
  --rounds N             measurements of each (default: 7)
  --seconds S            length of a measurement (default: 5)
  --threads N            threads of each peer (default: the cores)
  --python PATH          an interpreter that has requirements.txt (default: an environment of our own)
  --allocator auto|none|PATH   what PyTorch is preloaded with (default: auto: jemalloc or tcmalloc)
  --restart              start every peer anew for each round, so that only one is in memory
  --json FILE            write the figures there, too`;

const { values: options } = parseArgs({
  options: {
    preset: { type: 'string', default: 'mini' },
    'sequence-length': { type: 'string', default: '128' },
    'batch-tokens': { type: 'string' },
    peers: { type: 'string', default: 'lacuna,torch,run-mlm' },
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '5' },
    threads: { type: 'string', default: String(availableParallelism()) },
    python: { type: 'string' },
    allocator: { type: 'string', default: 'auto' },
    restart: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** The largest relative difference of losses that float32 explains. */
const LOSS_TOLERANCE = 1e-4;

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const log = (line) => process.stderr.write(`${line}\n`);

/** Peers of the same model must have its loss on its first batch; throws where one has not. */
function checkSameModel(peers) {
  const lacuna = peers.find(({ name }) => name === 'lacuna');
  for (const { name, ready } of peers) {
    if (!lacuna || ready.initialLossNats === null) continue;
    const expected = lacuna.ready.initialLossNats;
    const difference = Math.abs(ready.initialLossNats - expected) / expected;
    const sameSize = ready.parameters === lacuna.ready.parameters;
    if (difference < LOSS_TOLERANCE && sameSize) continue;
    throw new Error(
      `${name} computes another model: loss ${ready.initialLossNats} nats, ${ready.parameters} parameters; expected ${expected}, ${lacuna.ready.parameters}`,
    );
  }
}

async function start(names, setting) {
  const peers = [];
  for (const name of names) {
    log(`starting ${name}`);
    const peer = await startPeer(name, setting);
    const { initialLossNats: loss, parameters, detail } = peer.ready;
    log(`  ${parameters} parameters, first loss ${loss?.toFixed(6) ?? 'of another model'}, ${detail}`);
    peers.push(peer);
  }
  checkSameModel(peers);
  return peers;
}

/** One measurement of a running peer, in tokens per second. */
async function measureOnce(peer, stepTokens) {
  const { steps, seconds } = await peer.measure(Number(options.seconds));
  const tokensPerSecond = (steps * stepTokens) / seconds;
  log(`  ${peer.name}: ${tokensPerSecond.toFixed(0)} tokens/s (${steps} steps in ${seconds.toFixed(2)} s)`);
  return tokensPerSecond;
}

/** Tokens per second of each peer by round. The order turns by one each round. */
async function measureRounds(names, setting, stepTokens) {
  const speeds = new Map(names.map((name) => [name, []]));
  const peers = await start(names, setting);
  const facts = peers.map(({ name, ready }) => ({ name, ...ready }));
  if (options.restart) await Promise.all(peers.map((peer) => peer.close()));
  for (let round = 0; round < Number(options.rounds); round++) {
    log(`round ${round + 1} of ${options.rounds}`);
    for (const index of names.keys()) {
      const name = names[(index + round) % names.length];
      const peer = options.restart
        ? await startPeer(name, setting)
        : peers.find((running) => running.name === name);
      speeds.get(name).push(await measureOnce(peer, stepTokens));
      if (options.restart) await peer.close();
    }
  }
  if (!options.restart) await Promise.all(peers.map((peer) => peer.close()));
  return { speeds, facts };
}

/** Medians, extremes, and how many times faster the first peer is: the median of the ratios of each round. */
function summarise({ speeds, facts }) {
  const first = speeds.get(facts[0].name);
  return facts.map((fact) => {
    const own = speeds.get(fact.name);
    const ratios = first.map((speed, round) => speed / own[round]);
    return {
      ...fact,
      tokensPerSecond: median(own),
      least: Math.min(...own),
      most: Math.max(...own),
      ratio: median(ratios),
      ratioLeast: Math.min(...ratios),
      ratioMost: Math.max(...ratios),
    };
  });
}

function printTable(results) {
  const [first] = results;
  console.log(`| who | tokens/s | spread | ${first.name} is faster by | spread | parameters | setting |`);
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const row of results) {
    const speed = `${row.tokensPerSecond.toFixed(0)} | ${row.least.toFixed(0)}-${row.most.toFixed(0)}`;
    const ratio = `${row.ratio.toFixed(2)}x | ${row.ratioLeast.toFixed(2)}-${row.ratioMost.toFixed(2)}`;
    console.log(`| ${row.name} | ${speed} | ${ratio} | ${row.parameters} | ${row.detail} |`);
  }
}

async function main() {
  if (options.help) return console.log(HELP);
  const sequenceLength = Number(options['sequence-length']);
  const batchTokens = options['batch-tokens'] && Number(options['batch-tokens']);
  const sizes = stepSizes(options.preset, sequenceLength, batchTokens || undefined);
  const folder = join(CACHE, `${options.preset}-${sequenceLength}-${sizes.batchSize}`);
  const step = writeExercise(folder, sizes);
  const stepTokens = sizes.batchSize * sequenceLength;
  const { preset, threads, python, allocator } = options;
  log(`${preset}, T ${sequenceLength}, ${stepTokens} tokens a step, ${step.parameters} parameters`);
  const setting = { folder, threads: Number(threads), python, allocator };
  const results = summarise(await measureRounds(options.peers.split(','), setting, stepTokens));
  printTable(results);
  if (!options.json) return undefined;
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    threads: Number(threads),
    node: process.version,
  };
  mkdirSync(dirname(options.json), { recursive: true });
  const report = { machine, preset, sequenceLength, batchTokens: stepTokens, results };
  return writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
}

await main();
