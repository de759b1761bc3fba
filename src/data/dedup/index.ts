/** Which documents of a corpus repeat earlier ones, found as it is read. */
export {
  type Deduplicated,
  type DeduplicateOptions,
  Deduplicator,
  DUPLICATE_THRESHOLD,
  type Duplicate,
  deduplicate,
} from './deduplicate.js';
export { type Deduplicable, DeduplicatedCorpus } from './deduplicated-corpus.js';
export { IntegerTable } from './integer-table.js';
export { hashOf } from './min-hash.js';
