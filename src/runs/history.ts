import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FileError } from '../core/index.js';
import { DirectoryLock, systemCode, toFileError } from '../files/index.js';
import { type RunEvent, readEvents } from './event-log.js';
import { type JournalEntry, readJournal } from './journal.js';
import { RUN_FILES, type RunJson, readRunJson } from './run-json.js';

type StepEvent = Extract<RunEvent, { type: 'step' }>;
type Evaluation = Extract<RunEvent, { type: 'evaluation' }>;

/** Where a run stands; `stopped` is one that can be resumed. */
export type RunStatus = 'running' | 'finished' | 'stopped';

/** Everything that a run directory tells. */
export interface RunHistory {
  readonly directory: string;
  /** The directory's name without `.run`. */
  readonly name: string;
  readonly status: RunStatus;
  readonly run: RunJson;
  /** In order of steps; what a rewind undid is left out. */
  readonly steps: readonly StepEvent[];
  readonly evaluations: readonly Evaluation[];
  readonly skipped: number;
  readonly rewinds: number;
  readonly journal: readonly JournalEntry[];
}

/** Reads a run directory. Throws a FileError when it is none. */
export async function readRun(directory: string): Promise<RunHistory> {
  const run = await readRunJson(directory);
  if (!run) {
    throw new FileError(
      `'${directory}' is not a run directory: expected ${RUN_FILES.run} in it; see lacuna runs list`,
    );
  }
  const journal = await readJournal(join(directory, RUN_FILES.journal));
  const events = await readEvents(join(directory, RUN_FILES.events));
  const isHeld = (await DirectoryLock.holderOf(directory)) !== undefined;
  const isDone = journal.at(-1)?.what === 'finished';
  return {
    directory,
    name: basename(directory).replace(/\.run$/, ''),
    status: isHeld ? 'running' : isDone ? 'finished' : 'stopped',
    run,
    ...withoutUndone(events),
    journal,
  };
}

function withoutUndone(
  events: readonly RunEvent[],
): Pick<RunHistory, 'steps' | 'evaluations' | 'skipped' | 'rewinds'> {
  let steps: StepEvent[] = [];
  let evaluations: Evaluation[] = [];
  let [skipped, rewinds] = [0, 0];
  for (const event of events) {
    if (event.type === 'step') steps.push(event);
    else if (event.type === 'evaluation') evaluations.push(event);
    else if (event.type === 'skip') skipped++;
    else if (event.type === 'rewind') {
      rewinds++;
      steps = steps.filter(({ step }) => step <= event.toStep);
      evaluations = evaluations.filter(({ step }) => step <= event.toStep);
    }
  }
  return { steps, evaluations, skipped, rewinds };
}

const DEPTH = 3;

/** Run directories in and below `root`, by name; hidden folders and node_modules are left out. */
export async function findRuns(root: string, depth = DEPTH): Promise<string[]> {
  const found: string[] = [];
  for (const name of await foldersOf(root)) {
    const path = join(root, name);
    if (name.endsWith('.run')) found.push(path);
    else if (depth > 0 && !name.startsWith('.') && name !== 'node_modules') {
      found.push(...(await findRuns(path, depth - 1)));
    }
  }
  return found.sort();
}

async function foldersOf(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (cause) {
    if (systemCode(cause) === 'EACCES') return [];
    throw toFileError(`cannot read '${root}'`, cause);
  }
}
