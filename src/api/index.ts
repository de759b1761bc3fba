/** Whole tasks, from files to files: what the command line and a program call. */
export { evaluate } from './evaluate.js';
export { fill } from './fill.js';
export { train } from './train.js';
export type * from './types.js';
