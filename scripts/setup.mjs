// Shared by start.mjs, test.mjs and build.mjs: everything between a fresh clone and a built command.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const MIN_NODE_MAJOR = 20;
const DIST = join(root, 'dist');
const NEXT = join(root, 'dist-next');
const MAIN = join(DIST, 'cli', 'main.js');
const BUILD_STAMP = join(root, '.cache', 'build.sha256');

/** The path of a file in the repository. */
export const inRoot = (...parts) => join(root, ...parts);

/** Runs `node script ...args` in the repository; true when it succeeded. */
export function runNode(script, args = [], options = {}) {
  const { status } = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    stdio: 'inherit',
    ...options,
  });
  return status === 0;
}

/** Ends the process with one line when Node is too old for the code. */
export function requireNode() {
  if (Number(process.versions.node.split('.')[0]) >= MIN_NODE_MAJOR) return;
  console.error(`lacuna: Node ${MIN_NODE_MAJOR} or later is needed, this is ${process.version}`);
  process.exit(1);
}

function readJson(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { packages: {} };
}

/** True when node_modules holds every package of the lock file, in its version (npm records what it installed). */
function dependenciesInstalled() {
  const wanted = readJson(inRoot('package-lock.json')).packages;
  const present = readJson(inRoot('node_modules', '.package-lock.json')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || present[path]?.version === version,
  );
}

/** Installs the locked dependencies unless they are there. */
export function installDependencies() {
  if (dependenciesInstalled()) return;
  console.error('lacuna: installing dependencies (npm ci)');
  // Its install script would fetch CUDA libraries; the CPU library is inside the package.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  const npm = process.env.npm_execpath;
  const options = { cwd: root, stdio: ['ignore', 2, 2], env };
  const { status } = npm?.endsWith('npm-cli.js')
    ? spawnSync(process.execPath, [npm, 'ci'], options)
    : spawnSync('npm', ['ci'], { ...options, shell: process.platform === 'win32' });
  if (status === 0) return;
  console.error('lacuna: npm ci failed; see above');
  process.exit(1);
}

/** A hash of everything that the build depends on. */
function sourceHash() {
  const hash = createHash('sha256');
  const sources = readdirSync(inRoot('src'), { recursive: true }).map((name) => join('src', name));
  const settings = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
  for (const name of [...sources, ...settings].sort()) {
    if (!/\.(ts|json)$/.test(name) || name.endsWith('.test.ts')) continue;
    hash.update(`${name}\0`).update(readFileSync(inRoot(name)));
  }
  return hash.digest('hex');
}

/** Compiles src into a clean dist, which is replaced only when all went well. True when it did. */
export function build() {
  const hash = sourceHash();
  try {
    rmSync(NEXT, { recursive: true, force: true });
    const compiler = inRoot('node_modules', 'typescript', 'bin', 'tsc');
    if (!runNode(compiler, ['-p', 'tsconfig.build.json', '--outDir', NEXT], { stdio: ['ignore', 2, 2] }))
      return false;
    if (!runNode(inRoot('scripts', 'bundle.mjs'), [NEXT], { stdio: ['ignore', 2, 2] })) return false;
    for (const folder of ['cli', 'bundle']) chmodSync(join(NEXT, folder, 'main.js'), 0o755);
    rmSync(DIST, { recursive: true, force: true });
    renameSync(NEXT, DIST);
  } finally {
    rmSync(NEXT, { recursive: true, force: true });
  }
  mkdirSync(inRoot('.cache'), { recursive: true });
  writeFileSync(BUILD_STAMP, hash);
  return true;
}

/** Builds unless dist was built from these very sources. True when dist is good. */
export function buildIfStale() {
  const stamp = existsSync(BUILD_STAMP) ? readFileSync(BUILD_STAMP, 'utf8') : '';
  if (existsSync(MAIN) && stamp === sourceHash()) return true;
  console.error('lacuna: building');
  return build();
}
