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
export { readCorpus } from './corpus.js';
export * from './dedup/index.js';
export { type Document, fingerprint } from './document.js';
export { DocumentFiles, type SourceFile } from './document-files.js';
export {
  type LabelBatch,
  type LabelBatchOptions,
  type LabelledSequence,
  type LabelShape,
  labelBatches,
  NO_LABEL,
} from './label-batches.js';
export {
  type LabelledText,
  readLabelledTexts,
  readTaggedSentences,
  splitByGroup,
  type TaggedSentence,
  type ThreeParts,
} from './labelled.js';
export { type EncodedWords, type PackedSequences, type PackOptions, packDocuments } from './pack.js';
export { splitSentences } from './sentences.js';
export { type CorpusSplit, splitDocuments } from './split.js';
export { type CorpusStatistics, StatisticsCounter } from './statistics.js';
export { readTextBlocks, type TextBlock } from './text-blocks.js';
export { decodeText } from './text-file.js';
export { findTextFiles, type ReadOptions, TEXT_EXTENSIONS, type TextFile } from './text-files.js';
