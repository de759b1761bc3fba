/** Execution of compiled programs: the only folder that knows ONNX Runtime. */
export { Engine, type EngineOptions, type LoadedProgram, type LoadOptions } from './engine.js';
export type { StepFeeds, TensorData, TensorValue, TensorValues } from './protocol.js';
export { runtimeVersion } from './version.js';
