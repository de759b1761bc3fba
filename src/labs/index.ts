/** Experiments: the claims of the field, measured. */
export {
  compareJointMethods,
  type Distance,
  type JointComparison,
  type JointExperiment,
  mutualInformation,
  type PairInformation,
} from './joint-fills.js';
export { distanceTable, informationPlot, informationPoints } from './joint-report.js';
