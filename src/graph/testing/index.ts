/** Cases and helpers that several test suites share. Not part of the package's public face. */
export { drawInputs, gradientProgram } from './gradient-check.js';
export { type DifferentiableName, type OpCase, opCases, otherCases } from './op-cases.js';
