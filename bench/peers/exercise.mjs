// What every peer computes: writes one step's model, data and first batch, with Lacuna's loss on it, into a folder.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { library } from './library.mjs';

const { PRESETS } = await library('api/presets.js');
const { SPECIAL_IDS, STEP_MASK_RATE, stepModel } = await library('api/step-meter.js');
const { EpochOrder, makeBatch, rowsOf } = await library('data/index.js');
const { encodeSafetensors } = await library('formats/index.js');
const { bertPolicy } = await library('masking/index.js');
const { defaultRecipe } = await library('train/index.js');

/** Sizes of a step by preset, sequence length and tokens of a step (the preset's unless told). */
export function stepSizes(presetName, sequenceLength, batchTokens) {
  const preset = PRESETS[presetName];
  if (!preset) throw new Error(`unknown preset '${presetName}'; expected ${Object.keys(PRESETS).join(', ')}`);
  const batchSize = Math.max(1, Math.round((batchTokens ?? preset.batchTokens) / sequenceLength));
  return { ...preset, sequenceLength, batchSize };
}

/** The first step's batch: its micro-batches one after the other. */
function firstBatch({ language: { config }, shape, data }) {
  const vocabulary = { vocabSize: config.vocabSize, specialIds: SPECIAL_IDS, maskId: config.maskTokenId };
  const plan = { ...shape, predictionsPerBatch: shape.predictions };
  const order = new EpochOrder(data.count, 0);
  const parts = Array.from({ length: shape.microBatches }, (_, index) =>
    makeBatch(data, order, index, { plan, seed: 0, vocabulary, policy: bertPolicy(STEP_MASK_RATE) }),
  );
  const tokens = shape.batchSize * shape.sequenceLength;
  const counted = (pick) => parts.flatMap((part, index) => Array.from(pick(part, index)));
  return {
    inputIds: counted((part) => part.inputIds),
    positions: counted(({ positions, maskedCount }, index) =>
      positions.subarray(0, maskedCount).map((position) => index * tokens + position),
    ),
    labels: counted(({ labels, maskedCount }) => labels.subarray(0, maskedCount)),
  };
}

/** Writes the folder that peers read: step.json, config.json, model.safetensors, rows.i32 and batch.json. */
export function writeExercise(folder, sizes) {
  const model = stepModel(sizes);
  mkdirSync(folder, { recursive: true });
  const write = (name, content) => writeFileSync(join(folder, name), content);
  const parameters = [...model.initial.values()].reduce((sum, { data }) => sum + data.length, 0);
  const { peak } = defaultRecipe.schedule;
  const step = {
    ...sizes,
    microBatchSize: model.shape.batchSize,
    maskRate: STEP_MASK_RATE,
    specialIds: SPECIAL_IDS,
    optimizer: {
      ...defaultRecipe.optimizer,
      learningRate: peak,
      maxGradientNorm: defaultRecipe.maxGradientNorm,
    },
    parameters,
  };
  write('step.json', JSON.stringify(step, null, 2));
  write('config.json', JSON.stringify(model.language.toHuggingFace(), null, 2));
  write('model.safetensors', encodeSafetensors(model.initial));
  const rows = Int32Array.from(Array.from(rowsOf(model.data), (row) => [...row]).flat());
  write('rows.i32', new Uint8Array(rows.buffer));
  write('batch.json', JSON.stringify(firstBatch(model)));
  return step;
}
