// Lacuna as a peer of its own: whole program runs of a training, the first left out.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { library } from './library.mjs';
import { serve } from './serve.mjs';

const { stepModel, trainingMeter } = await library('api/step-meter.js');
const { Engine } = await library('runtime/index.js');
const { planStepsPerRun } = await library('train/index.js');

const [folder, threads] = process.argv.slice(2);
const sizes = JSON.parse(readFileSync(join(folder, 'step.json'), 'utf8'));
const engine = new Engine({ threads: Number(threads) });
const model = stepModel(sizes);
const meter = trainingMeter(engine, model);
const stepsPerRun = planStepsPerRun(model.language, model.shape);
const warm = await meter(stepsPerRun);

const ready = {
  parameters: sizes.parameters,
  initialLossNats: warm.initialLossNats,
  detail: `${threads} threads, ${sizes.microBatchSize} of ${sizes.batchSize} sequences at once, ${stepsPerRun} steps a run`,
};
await serve(ready, async (seconds) => {
  const runs = Math.max(1, Math.round((1000 * seconds) / (stepsPerRun * warm.msPerStep)));
  const { msPerStep } = await meter(stepsPerRun, runs);
  const steps = runs * stepsPerRun;
  return { steps, seconds: (steps * msPerStep) / 1000 };
});
await engine.close();
