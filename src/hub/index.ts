/** A model directory in Hugging Face's layout: open, save, model card. */
export { type CardFacts, modelCard } from './card.js';
export { LACUNA_JSON_VERSION, type LacunaJson, parseLacunaJson } from './lacuna-json.js';
export { type OpenedModel, openModelDirectory, type Weight } from './open.js';
export { MODEL_FILES, type ModelFiles, saveModelDirectory } from './save.js';
export { assertWritableTarget, type OverwriteOptions } from './target.js';
export { lacunaVersion } from './version.js';
