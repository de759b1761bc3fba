import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Finished, lacuna } from './command.js';

const model = fileURLToPath(new URL('../src/ask/goldens/tiny-model', import.meta.url));

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-asking-errors-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

function errorLine({ status, stderr }: Finished, expectedStatus: number): string {
  expect(stderr).toMatch(/^lacuna: .*\n$/m);
  expect(stderr).not.toContain('    at ');
  expect(status).toBe(expectedStatus);
  return stderr;
}

describe('asking, wrongly', () => {
  it('says what it cannot write or read', async () => {
    const nowhere = join(root, 'nowhere', 'why.svg');
    const explained = await lacuna('explain', 'The [MASK]', '--model', model, '--out', nowhere);
    expect(errorLine(explained, 1)).toContain(`cannot write '${nowhere}': it does not exist`);
    const compared = await lacuna('compare-joint', join(root, 'none.txt'), '--model', model);
    expect(errorLine(compared, 1)).toContain('none.txt');
  });

  it.each([
    [['explain', 'The [MASK]', '--out', 'why.png'], '--out must end in .html, .svg or .json'],
    [['fill'], 'expected a text or --input'],
    [['fill', 'The [MASK]', '--exact', '--joint', 'beam'], '--exact is --joint exact'],
    [['fill', '--input', 'x.txt', '--targets', 'a'], '--targets are asked for one text at a time'],
    [['score'], 'expected texts or --input'],
    [['score', 'one', 'two', 'three', '--pairs'], '--pairs takes two texts for each pair, got 3'],
    [['embed'], 'expected texts or --input'],
    [['embed', 'x', '--layer', 'last'], 'Expected a layer, such as 0, 2 or -1'],
  ])('%j is a mistake of usage', async (args, message) => {
    expect(errorLine(await lacuna(...args, '--model', model), 2)).toContain(message);
  });

  it('names the nearest words for a target that the vocabulary cannot write', async () => {
    const text = ['fill', 'The [MASK]', '--model', model, '--targets', '\u4e2d'];
    expect(errorLine(await lacuna(...text), 1)).toMatch(
      /cannot write the target '\u4e2d'.*the nearest known: /,
    );
  });

  it('is told where masks are missing', async () => {
    await writeFile(join(root, 'plain.txt'), 'nothing is missing\n');
    const filled = await lacuna('fill', '--input', join(root, 'plain.txt'), '--model', model);
    expect(errorLine(filled, 1)).toContain('write [MASK] where a word is missing');
  });
});
