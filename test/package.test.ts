import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Finished, start } from './command.js';

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));
const INSTALL_TIMEOUT_MS = 300_000;

let root: string;
let project: string;
let packed: string[];

async function run(program: string, args: readonly string[], cwd: string): Promise<Finished> {
  // The CPU library of ONNX Runtime is inside its package; its install script would fetch CUDA's.
  const env = { ONNXRUNTIME_NODE_INSTALL: 'skip' };
  const finished = await start(program, args, { cwd, env }).finished;
  if (finished.status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${finished.stderr}`);
  return finished;
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-package-'));
  project = join(root, 'project');
  await mkdir(project);
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', root], REPOSITORY);
  packed = JSON.parse(stdout)[0].files.map(({ path }: { path: string }) => path);
  const tarball = (await readdir(root)).find((name) => name.endsWith('.tgz')) ?? '';
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', join(root, tarball)], project);
}, INSTALL_TIMEOUT_MS);
afterAll(() => rm(root, { recursive: true, force: true }));

it('packs the build, its types and the licence, and no tests or sources', () => {
  for (const path of ['dist/cli/main.js', 'dist/index.js', 'dist/index.d.ts', 'LICENSE', 'CHANGELOG.md']) {
    expect(packed).toContain(path);
  }
  expect(packed.filter((path) => /\.test\.|^src|^test|golden|\/testing\//.test(path))).toEqual([]);
});

it('runs as npx lacuna from the project it is installed in', async () => {
  expect((await run('npx', ['lacuna', '--version'], project)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await run('npx', ['lacuna', 'fill', '--help'], project)).stdout).toContain('--top-k');
});

it('trains and fills where it is installed', async () => {
  const texts = ['LICENSE', 'README.md'].map((name) => join('node_modules', 'lacuna', name));
  const sizes = ['--vocab-size', '400', '--hidden', '32', '--sequence-length', '32', '--steps', '2'];
  await run('npx', ['lacuna', 'train', ...texts, '--out', 'model', ...sizes], project);
  const { stdout } = await run(
    'npx',
    ['lacuna', 'fill', 'the [MASK]', '--model', 'model', '--json'],
    project,
  );
  expect(JSON.parse(stdout)).toHaveLength(5);
});

it('trains a tokenizer in threads where it is installed', async () => {
  const text = join('node_modules', 'lacuna', 'LICENSE');
  const flags = ['--model', 'bpe', '--vocab-size', '300', '--threads', '2', '--json'];
  const args = ['lacuna', 'tokenizer', 'train', text, ...flags, '--out', 'tokenizer.json'];
  expect(JSON.parse((await run('npx', args, project)).stdout)).toMatchObject({ vocabSize: 300, threads: 2 });
});

it('is a library with the entry points it promises', async () => {
  const script = [
    "import { train, evaluate, fill } from 'lacuna';",
    "import { trainWordPiece } from 'lacuna/tokenize';",
    "import 'lacuna/masking';",
    "import 'lacuna/graph';",
    "import { encodeSafetensors } from 'lacuna/formats';",
    'console.log([train, evaluate, fill, trainWordPiece, encodeSafetensors].map((value) => typeof value).join());',
  ];
  await writeFile(join(project, 'use.js'), script.join('\n'));
  const { stdout } = await run('node', ['use.js'], project);
  expect(stdout).toBe('function,function,function,function,function\n');
});
