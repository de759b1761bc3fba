// What the JavaScript peers share: the exercise that exercise.mjs wrote, its initial parameters, and masked batches.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { library } from './library.mjs';

const { SPECIAL_IDS, stepModel } = await library('api/step-meter.js');
const { EpochOrder, makeBatch } = await library('data/index.js');
const { bertPolicy } = await library('masking/index.js');

/**
 * Sizes, parameters by name ({shape, data}), the first batch, and `nextBatch()`: whole batches masked by Lacuna's own
 * data code, so that only the step is compared. A batch has inputIds i32[B * T], positions i32[M], labels i32[M].
 */
export function readExercise(folder) {
  const sizes = JSON.parse(readFileSync(join(folder, 'step.json'), 'utf8'));
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  const model = stepModel({ ...sizes, microBatchSize: sizes.batchSize });
  const plan = { ...model.shape, predictionsPerBatch: model.shape.predictions };
  const order = new EpochOrder(model.data.count, 0);
  const vocabulary = {
    vocabSize: sizes.vocabSize,
    specialIds: SPECIAL_IDS,
    maskId: model.language.config.maskTokenId,
  };
  const options = { plan, seed: 0, vocabulary, policy: bertPolicy(sizes.maskRate) };
  let index = 0;
  const nextBatch = () => makeBatch(model.data, order, index++, options);
  const first = JSON.parse(readFileSync(join(folder, 'batch.json'), 'utf8'));
  const parameterCount = [...model.initial.values()].reduce((sum, { data }) => sum + data.length, 0);
  return { sizes, config, parameters: model.initial, parameterCount, nextBatch, first };
}

/** cos and sin of position times frequency, f32[T, D] each, both halves alike. */
export function rotaryTables({ sequenceLength: T, hidden, heads }, ropeTheta) {
  const D = hidden / heads;
  const angle = (index) => {
    const [position, channel] = [Math.floor(index / D), index % (D / 2)];
    return position * Math.fround(ropeTheta ** ((-2 * channel) / D));
  };
  const table = (f) => Float32Array.from({ length: T * D }, (_, index) => f(angle(index)));
  return { cos: table(Math.cos), sin: table(Math.sin) };
}

/** 0 for ordinary ids and a large negative number for special ones, f32[V]. */
export function validity({ vocabSize, specialIds }) {
  const mask = new Float32Array(vocabSize);
  for (const id of specialIds) mask[id] = -1e9;
  return mask;
}
