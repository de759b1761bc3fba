import type { Engine } from '../runtime/index.js';
import { stepFlops } from '../train/index.js';
import { PRESETS } from './presets.js';
import { stepModel, stepsPerMeasurement, trainingMeter } from './step-meter.js';

const SEQUENCE_LENGTH = 128;
/** Steps by which the length of the measurement is chosen. */
const FIRST_STEPS = 4;

/** Floating-point operations of training that this machine does in a second, measured on a small model for some seconds. */
export async function trainingFlopsPerSecond(engine: Engine): Promise<number> {
  const { batchTokens, ...sizes } = PRESETS.tiny;
  const batchSize = batchTokens / SEQUENCE_LENGTH;
  const model = stepModel({ ...sizes, sequenceLength: SEQUENCE_LENGTH, batchSize });
  const meter = trainingMeter(engine, model);
  const { msPerStep: first } = await meter(FIRST_STEPS);
  const { msPerStep } = await meter(stepsPerMeasurement(first));
  return (1000 * stepFlops(model.language, model.shape)) / msPerStep;
}
