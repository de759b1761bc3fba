/** Goldens that several test suites share. Not part of the package's public face. */
export { type Golden, goldenProgram, readGoldens, relativeError } from './golden.js';
