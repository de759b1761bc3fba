import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findProblems, importsOf, type SourceFiles } from './architecture-rules.js';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

function readSources(): SourceFiles {
  const names = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return new Map(names.map((name) => [name.split(sep).join('/'), readFileSync(join(SRC, name), 'utf8')]));
}

describe('the source tree', () => {
  const sources = readSources();

  it('is read', () => {
    expect(sources.size).toBeGreaterThan(20);
    const imports = [...sources].flatMap(([path, text]) => importsOf(path, text));
    expect(imports.filter(({ isRelative }) => isRelative).length).toBeGreaterThan(50);
    expect(imports.some(({ to }) => to === 'onnxruntime-node')).toBe(true);
  });

  it('keeps the rules', () => {
    expect(findProblems(sources)).toEqual([]);
  });
});

describe('the rules', () => {
  const problems = (files: Record<string, string>) => findProblems(new Map(Object.entries(files)));

  it('accept what is allowed', () => {
    expect(
      problems({
        'index.ts': "export * from './graph/index.js';",
        'core/index.ts': 'export const one = 1;',
        'graph/index.ts': "export * from './ops/add.js';",
        'graph/ops/add.ts':
          "import { one } from '../../core/index.js'; import 'zod'; export const two = one;",
        'runtime/worker.ts': "import ort from 'onnxruntime-node'; import fs from 'node:fs'; ort(fs);",
        'graph/add.test.ts': "import { x } from '../runtime/worker.js'; x();",
      }),
    ).toEqual([]);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'a higher row',
      { 'core/a.ts': "import { x } from '../graph/index.js';", 'graph/index.ts': '' },
      /core \(row 0\) must not import graph \(row 2\)/,
    ],
    [
      'a sibling in the same row',
      { 'graph/a.ts': "import type { X } from '../tokenize/index.js';", 'tokenize/index.ts': '' },
      /must not import tokenize/,
    ],
    [
      'past an index',
      { 'graph/a.ts': "export { x } from '../core/b.js';", 'core/b.ts': '' },
      /only through its index\.js/,
    ],
    [
      'a dynamic import of a higher row',
      { 'core/a.ts': "await import('../cli/index.js');", 'cli/index.ts': '' },
      /must not import cli/,
    ],
    ['a missing file', { 'core/a.ts': "import './b.js';" }, /leads to no file/],
    ['a path out of src', { 'core/a.ts': "import '../../test/b.js';" }, /leads to no file/],
    ['another extension', { 'core/a.ts': "import './b.ts';", 'core/b.ts': '' }, /must end in \.js/],
    ['ONNX Runtime elsewhere', { 'train/a.ts': "import 'onnxruntime-node';" }, /only runtime imports/],
    ['files in formats', { 'formats/a.ts': "import 'node:fs/promises';" }, /no file access/],
    ['a long file', { 'core/a.ts': '\n'.repeat(401) }, /401 lines, at most 400/],
    ['a name in capitals', { 'core/aB.ts': '' }, /'aB' is not kebab-case/],
    ['utils', { 'core/utils.ts': '' }, /say what it does/],
    ['a new folder', { 'stuff/a.ts': '' }, /no folder of a row/],
    [
      'a cycle',
      { 'core/a.ts': "import './b.js';", 'core/b.ts': "import './c.js';", 'core/c.ts': "import './a.js';" },
      /core\/a\.ts -> core\/b\.ts -> core\/c\.ts -> core\/a\.ts/,
    ],
  ])('refuse %s', (_, files, expected) => {
    const found = problems(files);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });
});
