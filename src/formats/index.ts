/** Bytes to objects and back; no file access. */
export * from './json.js';
export * from './onnx.js';
export * from './safetensors.js';
export {
  type SafetensorsDType,
  type TensorData,
  widenBfloat16,
  widenFloat16,
} from './safetensors-dtype.js';
export { decodeTorch } from './torch/checkpoint.js';
