/** What n-grams say, in a form that a model can look up. */
export { CountedEvidence, type GapQuestion } from './counted-evidence.js';
