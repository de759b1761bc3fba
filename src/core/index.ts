export * from './errors.js';
export * from './memory.js';
export * from './nearest.js';
export * from './permutation.js';
export * from './random.js';
export * from './shape.js';
export * from './statistics.js';
