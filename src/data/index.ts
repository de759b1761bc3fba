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
export type { TaggedSentence } from './conll.js';
export { cutOrder, cutRows } from './cut-rows.js';
export * from './dedup/index.js';
export { CorpusFingerprint, type Document, fingerprint } from './document.js';
export { DocumentFiles, type SourceFile } from './document-files.js';
export {
  type LabelBatch,
  type LabelBatchOptions,
  type LabelledSequence,
  type LabelShape,
  labelBatches,
  NO_LABEL,
} from './label-batches.js';
export { type LabelledText, readLabelledTexts, readTaggedSentences } from './labelled.js';
export { type EncodedWords, type PackOptions, packDocuments, RowPacker } from './pack.js';
export * from './reading/index.js';
export { MemoryRows, type PackedSequences, type RowSink, rowsOf, rowsWithin, sampleRows } from './rows.js';
export { splitSentences } from './sentences.js';
export * from './shards/index.js';
export {
  hashFraction,
  type PlannedSplit,
  planSplit,
  type ReadGroups,
  type SideTally,
  type SplitGroup,
  type SplitRule,
  splitGroup,
} from './split.js';
export { splitByGroup, type ThreeParts } from './split-groups.js';
export { type CorpusStatistics, StatisticsCounter } from './statistics.js';
