/** Model families: configuration, parameters, forward pass, initialisation. */
export {
  ACTIVATIONS,
  type Activation,
  checkConfig,
  fromHuggingFaceConfig,
  type ModernBertConfig,
  toHuggingFaceConfig,
} from './config.js';
export type { TrainingCounts } from './count-initialisation.js';
export { type InitialisationOptions, initialParameters } from './initialise.js';
export {
  type BatchShape,
  declareParameters,
  type EncoderTrace,
  encode,
  type ParameterTensors,
  predictionLogits,
  rotaryFrequencies,
  validityMask,
} from './modernbert.js';
export {
  DECODER_BIAS,
  EMBEDDINGS,
  type ParameterSpec,
  type ParameterValue,
  type ParameterValues,
  parameterCount,
  parameterSpecs,
} from './parameters.js';
