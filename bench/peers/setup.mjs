// Installs the peers at their pinned versions: a Python environment in .cache/peers/venv, npm packages beside this file.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const HERE = fileURLToPath(new URL('.', import.meta.url));
export const CACHE = fileURLToPath(new URL('../../.cache/peers/', import.meta.url));
const VENV = join(CACHE, 'venv');
const READY = join(VENV, 'ready');

function run(command, args, cwd = HERE) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? `exit status ${status}`}`);
  }
}

/** The interpreter of the environment, which is made where it is missing. Torch and its libraries take some GB. */
export function ownPython() {
  const python = join(VENV, 'bin', 'python');
  if (!existsSync(READY)) {
    mkdirSync(CACHE, { recursive: true });
    run('python3', ['-m', 'venv', '--clear', VENV]);
    run(python, ['-m', 'pip', 'install', '--quiet', '-r', join(HERE, 'requirements.txt')]);
    writeFileSync(READY, '');
  }
  return python;
}

/** The npm peers, by the lock file beside this file; no install script of theirs runs. */
export function installNpmPeers() {
  if (existsSync(join(HERE, 'node_modules', '@jax-js', 'jax'))) return;
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
}

const ALLOCATORS = ['libjemalloc.so.2', 'libtcmalloc_minimal.so.4'];
const LIBRARY_FOLDERS = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'];

/**
 * A better allocator for PyTorch: one that the system has, else Debian's jemalloc unpacked into the cache (no root
 * needed), else none.
 */
export function findAllocator() {
  const unpacked = join(CACHE, 'jemalloc');
  const search = () =>
    [...LIBRARY_FOLDERS, ...LIBRARY_FOLDERS.map((folder) => join(unpacked, folder))]
      .flatMap((folder) => ALLOCATORS.map((name) => join(folder, name)))
      .find((path) => existsSync(path));
  const found = search();
  if (found) return found;
  try {
    mkdirSync(unpacked, { recursive: true });
    run('sh', ['-c', 'apt-get download libjemalloc2 && dpkg -x libjemalloc2_*.deb .'], unpacked);
  } catch {
    return undefined;
  }
  return search();
}
