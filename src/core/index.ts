export * from './errors.js';
export * from './nearest.js';
export * from './random.js';
export * from './shape.js';
export * from './statistics.js';
