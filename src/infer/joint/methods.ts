import { agFillings, exactFillings, mrfFillings } from './enumerated.js';
import { type Conditionals, type Filling, fillingCount } from './problem.js';
import { gibbsFillings, maskPredictFillings } from './sampled.js';
import { beamFillings, chainFillings, independentFillings } from './sequential.js';

/** How several masks are filled together. */
export const JOINT_METHODS = [
  'independent',
  'chain',
  'mask-predict',
  'gibbs',
  'beam',
  'mrf',
  'ag',
  'exact',
] as const;
export type JointMethod = (typeof JOINT_METHODS)[number];

export interface JointOptions {
  /** Hypotheses that chain and beam carry on. */
  readonly width: number;
  /** Fillings that gibbs and mask-predict draw. */
  readonly samples: number;
  readonly seed: number;
}

type Runner = (conditionals: Conditionals, options: JointOptions) => Promise<Filling[]>;

/** What each method's log-probability is, in one line for the reader of an answer. */
export const JOINT_MEANINGS: Readonly<Record<JointMethod, string>> = {
  independent: 'sum of log p(x_i), every mask open',
  chain: 'chain rule from left to right, later masks open',
  'mask-predict': 'log frequency among samples of Mask-Predict',
  gibbs: 'log frequency among samples of a Gibbs sampler',
  beam: 'chain rule in the order of confidence, other masks open',
  mrf: 'product of the full conditionals, normalised by enumeration',
  ag: 'joint distribution with the closest conditionals (Arnold-Gokhale), by enumeration',
  exact: 'stationary distribution of the Gibbs sampler, by enumeration',
};

const RUNNERS: Readonly<Record<JointMethod, Runner>> = {
  independent: (conditionals, { width }) => independentFillings(conditionals, width),
  chain: (conditionals, { width }) => chainFillings(conditionals, width),
  'mask-predict': maskPredictFillings,
  gibbs: gibbsFillings,
  beam: (conditionals, { width }) => beamFillings(conditionals, width),
  mrf: mrfFillings,
  ag: agFillings,
  exact: exactFillings,
};

/** All fillings that a method gives, in no particular order; their log-probabilities are those of `JOINT_MEANINGS`. */
export function jointFillings(
  method: JointMethod,
  conditionals: Conditionals,
  options: JointOptions,
): Promise<Filling[]> {
  return RUNNERS[method](conditionals, options);
}

/** True when a method's probabilities are those of its whole distribution and not of a beam or of samples. */
export function isWhole(method: JointMethod, conditionals: Conditionals, { width }: JointOptions): boolean {
  const { candidates } = conditionals.problem;
  if (method === 'gibbs' || method === 'mask-predict') return false;
  const prefixes = fillingCount(conditionals.problem) / (candidates.at(-1)?.length ?? 1);
  return method === 'chain' ? width >= prefixes : method !== 'beam';
}
