import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from './config-file.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-config-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function given(content: string, name = 'lacuna.config.json'): Promise<string> {
  await writeFile(join(root, name), content);
  return join(root, name);
}

describe('readConfig', () => {
  it('reads options, times and intervals as a command line has them', async () => {
    const path = await given('{"paths": ["a"], "budget": "1.5h", "checkpointEvery": "30s", "layers": 3}');
    expect(await readConfig(path)).toEqual({
      paths: ['a'],
      budgetMs: 5_400_000,
      checkpointEvery: { ms: 30_000 },
      layers: 3,
    });
    expect(await readConfig(await given('{"checkpointEvery": 500}'))).toEqual({
      checkpointEvery: { steps: 500 },
    });
  });

  it('reads a module', async () => {
    const path = await given('export default { seed: 7, steps: 10 };', 'lacuna.config.mjs');
    expect(await readConfig(path)).toEqual({ seed: 7, steps: 10 });
  });

  it.each([
    ['{"vocab_size": 10}', /unknown key 'vocab_size'; did you mean 'vocabSize'\?$/],
    ['{"bugdet": "1m"}', /unknown key 'bugdet'; did you mean 'budget'\?$/],
    ['{"zzzzzzzz": 1}', /unknown key 'zzzzzzzz'; expected one of budget, paths, out, /],
    ['{"budget": "soon"}', /: budget: expected a time such as 90s, 2m or 1\.5h$/],
    ['{"checkpointEvery": "often"}', /: checkpointEvery: expected a number of steps or a time such as 30s$/],
    ['{"layers": -1}', /: layers: /],
    ['{"layers": "two"}', /: layers: /],
    ['[1]', /expected an object of options$/],
    ['{"seed": 1, "seed": 2}', /the key "seed" occurs twice/],
    ['{', /expected JSON/],
  ])('refuses %s', async (content, message) => {
    const path = await given(content);
    const failure = expect(readConfig(path)).rejects;
    await failure.toThrow(message);
    await expect(readConfig(path)).rejects.toThrow(path);
  });

  it('refuses a module that cannot be loaded, and a file that is missing', async () => {
    await expect(readConfig(await given('export default }', 'x.mjs'))).rejects.toThrow(
      /cannot load '.*x\.mjs'/,
    );
    await expect(readConfig(join(root, 'missing.json'))).rejects.toThrow(/cannot read .*it does not exist/);
  });
});
