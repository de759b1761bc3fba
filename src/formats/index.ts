/** Bytes to objects and back; no file access. */
export * from './crc32c.js';
export * from './json.js';
export * from './onnx.js';
export * from './safetensors.js';
export {
  type SafetensorsDType,
  type TensorData,
  widenBfloat16,
  widenFloat16,
} from './safetensors-dtype.js';
export * from './tensorboard.js';
