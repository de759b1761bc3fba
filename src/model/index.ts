/** Model families: configuration, parameters, forward pass, heads, initialisation. */
export { ACTIVATIONS, type Activation } from './blocks/activations.js';
export {
  EVIDENCE,
  type EvidenceSizes,
  HASH_COLUMNS,
  PAIR_CONTEXTS,
  type PairContext,
  SINGLE_COLUMNS,
  SINGLE_CONTEXTS,
  type SingleContext,
  SLOT_COLUMNS,
} from './blocks/counted-evidence.js';
export type { ModernBertConfig } from './blocks/modernbert-config.js';
export { rotaryFrequencies } from './blocks/rotary-angles.js';
export { type SparseFeatures, unitLogCounts, type WideSizes, wideFeatures } from './blocks/wide-features.js';
export type { TrainingCounts } from './count-initialisation.js';
export type { DefinedFamily, ModelFamily, NewModel } from './define-family.js';
export { extendParameters, type NewToken } from './extend-parameters.js';
export { modernBert } from './families/modernbert.js';
export { modernBertCounts } from './families/modernbert-counts.js';
export { modernBertMixing } from './families/modernbert-mixing.js';
export { modernBertNgrams } from './families/modernbert-ngrams.js';
export { FAMILY_NAMES, families, familyNamed, readModel } from './families.js';
export { initialParameters } from './initialise.js';
export {
  type Additions,
  type EncoderInputs,
  type InitialisationOptions,
  type LanguageModel,
  lastOf,
  type ModelConfig,
  type ParameterTensors,
  type Predicted,
  TASKS,
  type Task,
} from './language-model.js';
export { outputLogits } from './output-distribution.js';
export {
  declareParameters,
  type ParameterSpec,
  type ParameterValue,
  type ParameterValues,
  parameterCount,
} from './parameters.js';
export { WIDE, WIDE_TYPE, wideModel } from './wide-model.js';
