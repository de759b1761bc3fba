/** Bytes to objects and back; no file access. */
export * from './crc32c.js';
export { type CsvRecord, csvField, csvLine, parseCsv } from './csv.js';
export { LARGEST_FLOAT16, narrowToFloat16 } from './float16.js';
export * from './json.js';
export { npyHeader } from './npy.js';
export * from './onnx.js';
export * from './safetensors.js';
export {
  type SafetensorsDType,
  type TensorData,
  widenBfloat16,
  widenFloat16,
} from './safetensors-dtype.js';
export * from './tensorboard.js';
export { decodeTorch } from './torch/checkpoint.js';
