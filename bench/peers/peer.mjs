// A peer as run.mjs sees it: a process that is asked for measurements by lines of JSON.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findAllocator, HERE, installNpmPeers, ownPython } from './setup.mjs';

/** How each peer is started: by Node or by Python, with the folder of the exercise and the number of threads. */
const PEERS = {
  lacuna: { script: 'lacuna.mjs' },
  torch: { script: 'torch_peer.py', args: ['eager'] },
  'torch-rows': { script: 'torch_peer.py', args: ['rows'] },
  'torch-compile': { script: 'torch_peer.py', args: ['compile'] },
  'run-mlm': { script: 'run_mlm_peer.py' },
  tfjs: { script: 'tfjs.mjs', npm: true },
  'jax-js': { script: 'jax-js.mjs', npm: true },
};

export const PEER_NAMES = Object.keys(PEERS);

function environment(isPython, { allocator, threads }) {
  if (!isPython) return process.env;
  const found = allocator === 'auto' ? findAllocator() : allocator;
  const preload = found && found !== 'none' ? { LD_PRELOAD: found } : {};
  return { ...process.env, ...preload, OMP_NUM_THREADS: String(threads), TOKENIZERS_PARALLELISM: 'false' };
}

/** Starts a peer and resolves once it has warmed up: {name, ready, measure(seconds), close()}. */
export async function startPeer(name, { folder, threads, python, allocator }) {
  const peer = PEERS[name];
  if (!peer) throw new Error(`unknown peer '${name}'; expected ${PEER_NAMES.join(', ')}`);
  const isPython = peer.script.endsWith('.py');
  if (peer.npm) installNpmPeers();
  const program = isPython ? (python ?? ownPython()) : process.execPath;
  const args = [join(HERE, peer.script), folder, String(threads), ...(peer.args ?? [])];
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: environment(isPython, { allocator, threads }),
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await answers.next();
    if (done) throw new Error(`${name} ended early: see its message above`);
    return JSON.parse(value);
  };
  const { ready } = await answer();
  return {
    name,
    ready,
    measure: async (seconds) => {
      child.stdin.write(`${JSON.stringify({ seconds })}\n`);
      return answer();
    },
    close: () =>
      new Promise((resolve) => {
        child.on('close', resolve);
        child.stdin.end();
      }),
  };
}
