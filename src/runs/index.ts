/** A run's directory: what it is, its checkpoints, its logs. */
export { type Checkpoint, Checkpoints, type DamagedCheckpoint } from './checkpoints.js';
export { assertNoOpenRun, CONFIG_FILE, HeldDirectory, isFinished } from './directory.js';
export { EventLog, type LogMark, type RunEvent } from './event-log.js';
export { type JournalEntry, readJournal, writeJournal } from './journal.js';
export type { Manifest, WatchState } from './manifest.js';
export {
  firstDifference,
  RUN_FILES,
  RUN_VERSION,
  type RunJson,
  readRunJson,
  runDirectoryOf,
  sha256,
  writeRunJson,
} from './run-json.js';
export type { NamedTensors, TensorType } from './state-file.js';
