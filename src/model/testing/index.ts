/** Goldens that several test suites share. Not part of the package's public face. */
export {
  type FamilyGolden,
  familyProgram,
  projections,
  readFamilyGoldens,
} from './family-golden.js';
export { formulaWeights } from './formula-weights.js';
export { type Golden, goldenProgram, readGoldens, relativeError } from './golden.js';
export { tinySizes } from './tiny-sizes.js';
