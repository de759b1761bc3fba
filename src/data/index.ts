/** From files to batches: reading, splitting, packing, and masking by the seed. */
export {
  type Batch,
  type BatchOptions,
  type BatchPlan,
  EpochOrder,
  evaluationBatches,
  makeBatch,
  sampledBatches,
} from './batches.js';
export { type ReadOptions, readCorpus, TEXT_EXTENSIONS } from './corpus.js';
export { type Document, fingerprint } from './document.js';
export { type EncodedWords, type PackedSequences, type PackOptions, packDocuments } from './pack.js';
export { splitSentences } from './sentences.js';
export { type CorpusSplit, splitDocuments } from './split.js';
export { decodeText } from './text-file.js';
