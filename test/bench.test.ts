import { expect, it } from 'vitest';
import { lacuna } from './command.js';

it('lacuna bench measures real training steps beside the matrix product', async () => {
  const small = ['--preset', 'tiny', '--sequence-length', '16', '--batch-size', '2', '--repetitions', '1'];
  const { status, stdout } = await lacuna('bench', ...small, '--json');
  const { machine, results } = JSON.parse(stdout);
  expect(machine.cores).toBeGreaterThan(0);
  expect(results).toHaveLength(1);
  const [result] = results;
  expect(result).toMatchObject({ preset: 'tiny', sequenceLength: 16, batchTokens: 32 });
  for (const figure of ['tokensPerSecond', 'gflopsEffective', 'gflopsSgemm', 'ratio', 'peakRssBytes']) {
    expect(result[figure], figure).toBeGreaterThan(0);
  }
  expect(status).toBe(0);
});
