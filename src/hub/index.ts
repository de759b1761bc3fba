/** A model directory in Hugging Face's layout: open, save, model card. */
export { type CardFacts, modelCard } from './card.js';
export { type ExportCardFacts, exportCard } from './export-card.js';
export { type FittedWeights, fitWeights } from './fit-weights.js';
export { type ImportCardFacts, importCard } from './import-card.js';
export { draftInference, EXPORT_TASKS, type ExportTask, modelForTask } from './inference-draft.js';
export { LACUNA_JSON_VERSION, type LacunaJson, parseLacunaJson } from './lacuna-json.js';
export {
  exactTables,
  type OnnxFile,
  type OnnxFileOptions,
  type OnnxFiles,
  onnxFiles,
  preciseWeights,
  QUANTIZATIONS,
  type Quantization,
  transformersJsConfig,
} from './onnx-files.js';
export { type OpenedModel, openModelDirectory } from './open.js';
export {
  type OpenedBody,
  type OpenedCheckpoint,
  openBody,
  openCheckpoint,
  type WantedHead,
} from './open-model.js';
export { type FileContent, MODEL_FILES, type ModelFiles, saveModelDirectory } from './save.js';
export { assertWritableTarget, type OverwriteOptions } from './target.js';
export { lacunaVersion } from './version.js';
export { readWeights, type Weight } from './weight-files.js';
