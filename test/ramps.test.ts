import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lacuna, startLacuna } from './command.js';
import { lastLine, SmallRuns } from './small-runs.js';

let runs: SmallRuns;
beforeAll(async () => {
  runs = await SmallRuns.make();
});
afterAll(() => runs.remove());

const RAMPS = ['--batch-size', '16', '--batch-ramp', '4:10', '--length-ramp', '9:6'];

it('trains with ramps, goes on after a kill bit for bit, and repeats itself from its configuration', async () => {
  const whole = await lacuna(...runs.args('whole'), ...RAMPS, '--json');
  expect(whole.status).toBe(0);
  // Steps 0-4 of 4 rows, cut in two pieces of 9; 5 of 8, cut; 6-9 of 8 rows of 16; 10-23 of 16.
  expect(JSON.parse(whole.stdout).tokens).toBe(5 * 8 * 9 + 16 * 9 + 4 * 8 * 16 + 14 * 16 * 16);

  const running = startLacuna([...runs.args('killed'), ...RAMPS]);
  await running.seen('checkpoint step 4');
  running.child.kill('SIGKILL');
  await running.finished;
  expect((await runs.resume('killed')).status).toBe(0);
  await runs.expectSame(runs.out('killed'), runs.out('whole'));

  const config = join(`${runs.out('whole')}.run`, 'lacuna.config.json');
  expect(JSON.parse(await readFile(config, 'utf8'))).toMatchObject({ batchRamp: { from: 4, steps: 10 } });
  const again = await lacuna('train', '--config', config, '--out', runs.out('again'));
  expect(again.status).toBe(0);
  await runs.expectSame(runs.out('again'), runs.out('whole'));
});

it('computes layers anew to the same bits', async () => {
  expect((await lacuna(...runs.args('anew'), '--recompute')).status).toBe(0);
  await runs.expectSame(runs.out('anew'));
});

it('refuses a ramp that does not rise', async () => {
  const flat = await lacuna(...runs.args('flat'), '--batch-size', '8', '--batch-ramp', '8:10');
  expect(flat.status).toBe(2);
  expect(lastLine(flat)).toMatch(/--batch-ramp 8:10: expected to begin from at least 1 and below 8/);
  const odd = await lacuna(...runs.args('odd'), '--length-ramp', '8');
  expect(odd.status).toBe(2);
  expect(odd.stderr).toContain('Expected a size to begin from and a number of steps, such as 4:500');
});
