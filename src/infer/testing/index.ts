export { type TinyModel, tinyModel } from './tiny-model.js';
