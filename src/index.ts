/**
 * Lacuna: masked language models from raw text to a model that runs everywhere.
 *
 * `train`, `evaluate` and `fill` do what the commands of the same names do. The parts they are made of have entry
 * points of their own: `lacuna/tokenize`, `lacuna/masking`, `lacuna/graph`, `lacuna/formats`.
 */
export * from './api/index.js';
export { type ErrorCode, LacunaError } from './core/index.js';
