/** A run's directory: what it is, its checkpoints, its logs. */
export { type Checkpoint, Checkpoints, type DamagedCheckpoint } from './checkpoints.js';
export { CURVE_NAMES, CURVE_TITLES, type Curve, type CurveName, curveOf } from './curve.js';
export { assertNoOpenRun, CONFIG_FILE, HeldDirectory, isFinished } from './directory.js';
export { EventLog, type LogMark, type RunEvent, readEvents } from './event-log.js';
export { findRuns, type RunHistory, type RunStatus, readRun } from './history.js';
export { type JournalEntry, readJournal, writeJournal } from './journal.js';
export type { Manifest, WatchState } from './manifest.js';
export { differenceBetween, htmlReport, recentMean, runFigures } from './report.js';
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
export { type StoredOptions, storedOptionsSchema, withoutUndefined } from './stored-options.js';
export { svgPlot } from './svg-plot.js';
export { TensorBoardLog } from './tensorboard-log.js';
export { terminalPlot } from './terminal-plot.js';
