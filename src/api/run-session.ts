import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError, errorMessage, FileError, LacunaError, UsageError } from '../core/index.js';
import { toFileError, writeInPlace } from '../files/index.js';
import { lacunaVersion } from '../hub/index.js';
import type { MaskingConfig } from '../masking/index.js';
import {
  assertNoOpenRun,
  type Checkpoint,
  Checkpoints,
  EventLog,
  firstDifference,
  HeldDirectory,
  isFinished,
  type JournalEntry,
  RUN_FILES,
  RUN_VERSION,
  type RunJson,
  readRunJson,
  runDirectoryOf,
  sha256,
  TensorBoardLog,
  type TensorType,
  writeJournal,
  writeRunJson,
} from '../runs/index.js';
import { runtimeVersion } from '../runtime/index.js';
import type { Budget, Recipe, TrainingOutcome } from '../train/index.js';
import { resolvedConfig, writeConfig } from './resolved-config.js';
import { parseStoredOptions, storedOptionsOf } from './train-options.js';
import type { TrainEvent, TrainOptions } from './types.js';

/** What the numbers of a run depend on. */
export interface RunIdentity {
  readonly seed: number;
  readonly threads: number;
  /** Fingerprint of the corpus. */
  readonly corpus: string;
  /** Similarity from which its documents were left out as duplicates. */
  readonly dedupThreshold?: number | undefined;
  /** The tokenizer, as the text of its tokenizer.json. */
  readonly tokenizer: string;
  readonly recipe: Recipe;
  /** How it masks, unless uniformly at the recipe's rate. */
  readonly masking?: MaskingConfig | undefined;
  /** The state of the training program, in order. */
  readonly state: readonly TensorType[];
}

/** A run that has begun: its files are open. */
export interface OpenRun {
  readonly checkpoints: Checkpoints;
  readonly log: EventLog;
  readonly tensorBoard: TensorBoardLog;
  /** Where it goes on, unless at the beginning. */
  readonly from: Checkpoint | undefined;
  readonly budget: Budget;
  readonly threads: number;
}

const BUDGET_KEYS = ['budgetMs', 'steps', 'plan'] as const;

const versions = () => ({ lacuna: lacunaVersion(), node: process.version, onnxruntime: runtimeVersion() });

/**
 * The run directory beside the model directory of one `train` call, from the lock to the last entry of its journal.
 * Nothing of an earlier run is touched before `begin`.
 */
export class RunSession {
  private identity: RunIdentity | undefined;
  private log: EventLog | undefined;
  private tensorBoard: TensorBoardLog | undefined;
  private decided: Partial<TrainOptions> = {};

  private constructor(
    /** The options of the run: as given, or those of the run that is resumed with what was given anew. */
    readonly options: TrainOptions,
    private readonly held: HeldDirectory,
    private readonly given: TrainOptions,
    /** The run that is resumed. */
    private readonly stored?: RunJson,
  ) {}

  /** Locks the run directory. Throws when another process has it, or when it holds what must not be replaced. */
  static async open(given: TrainOptions): Promise<RunSession> {
    const directory = runDirectoryOf(given.out);
    const held = await HeldDirectory.take(directory);
    try {
      const existing = await readRunJson(directory);
      if (given.resume) {
        const stored = await resumable(given, directory, existing);
        if (stored) return new RunSession(mergedOptions(given, stored), held, given, stored);
      } else if (existing && !given.overwrite) await assertNoOpenRun(directory);
      return new RunSession(given, held, given);
    } catch (error) {
      await held.release();
      throw error;
    }
  }

  /** Adds what was decided to the options that are written down, so that resuming decides nothing anew. */
  resolve(decided: Partial<TrainOptions>): void {
    this.decided = decided;
  }

  get directory(): string {
    return this.held.path;
  }

  /**
   * Writes down what the run is, or checks that it is the one to resume, and opens its files at the newest intact
   * checkpoint. Throws a ConfigError that names the first difference.
   */
  async begin(identity: RunIdentity, budget: Budget, report: (event: TrainEvent) => void): Promise<OpenRun> {
    this.identity = identity;
    const facts = factsOf(identity);
    if (this.stored) await this.checkSame(this.stored, facts);
    else await this.writeDown(facts, identity);
    const checkpoints = new Checkpoints(
      join(this.directory, RUN_FILES.checkpoints),
      identity.state,
      sha256(JSON.stringify(facts)),
    );
    await checkpoints.sweep();
    const from = this.stored && (await this.findCheckpoint(checkpoints, this.stored, report));
    const path = join(this.directory, RUN_FILES.events);
    const { log, isIntact } = EventLog.open(path, from?.manifest.events);
    this.log = log;
    const step = from?.manifest.step ?? 0;
    const tensorBoard = new TensorBoardLog(join(this.directory, RUN_FILES.tensorboard), step);
    this.tensorBoard = tensorBoard;
    if (!isIntact) this.notice(`'${path}' was changed since the checkpoint: it goes on with a gap`, report);
    this.note({ what: this.stored ? 'resume' : 'begin', step });
    const { threads } = identity;
    return { checkpoints, log, tensorBoard, from, budget: this.budgetFrom(budget, from), threads };
  }

  /** Adds an entry to the journal. */
  note(entry: Omit<JournalEntry, 'at' | 'pid'>): void {
    writeJournal(join(this.directory, RUN_FILES.journal), entry);
  }

  /** Tells the user and the journal. */
  notice(detail: string, report: (event: TrainEvent) => void): void {
    report({ type: 'stage', stage: 'notice', detail });
    this.note({ what: 'notice', detail });
  }

  /** The model is saved. Checkpoints have then done their work, unless they were asked for. */
  async finish({ steps, plan }: TrainingOutcome): Promise<void> {
    if (this.identity)
      await writeConfig(this.directory, resolvedConfig(this.options, { ...this.identity, plan }));
    this.note({ what: 'finished', step: steps });
    if (this.options.keepCheckpoints === undefined) {
      await rm(join(this.directory, RUN_FILES.checkpoints), { recursive: true, force: true });
    }
  }

  /** Notes why a run that had begun ends, and closes it; of one that did no step nothing stays. */
  async fail(error: unknown): Promise<void> {
    const didNothing = error instanceof LacunaError && error.code === 'interrupted' && !this.stored;
    try {
      if (this.log && didNothing) await this.held.clear();
      else if (this.log) this.note({ what: 'failed', detail: errorMessage(error) });
    } catch {
      // On a full or read-only disk the journal cannot be written, either: what ended the run must not be hidden.
    }
    // The lock of a process that has ended holds nobody up.
    await this.close().catch(() => undefined);
  }

  /** Closes files and gives the lock back; a directory in which nothing was written goes. Throws a FileError. */
  async close(): Promise<void> {
    this.log?.close();
    this.tensorBoard?.close();
    await this.held.release();
  }

  private async writeDown(facts: RunJson['identity'], identity: RunIdentity): Promise<void> {
    const { tokenizer } = identity;
    await this.held.clear();
    await writeInPlace(join(this.directory, RUN_FILES.tokenizer), tokenizer);
    await writeConfig(this.directory, resolvedConfig(this.options, identity));
    await writeRunJson(this.directory, {
      formatVersion: RUN_VERSION,
      createdAt: new Date().toISOString(),
      out: this.options.out,
      options: storedOptionsOf({ ...this.options, ...this.decided }),
      identity: facts,
      tokenizerSha256: sha256(tokenizer),
      versions: versions(),
    });
  }

  private async checkSame(stored: RunJson, identity: RunJson['identity']): Promise<void> {
    const path = join(this.directory, RUN_FILES.tokenizer);
    const tokenizer = await readFile(path).catch((cause: unknown) => {
      throw toFileError(`cannot read '${path}'`, cause);
    });
    if (sha256(tokenizer) !== stored.tokenizerSha256) {
      throw new ConfigError(
        `'${path}' is not the tokenizer that the run began with: its checksum differs; put that back, or begin a new run`,
      );
    }
    // Named before the corpus, which differs because of it.
    const duplicates = ({ dedupThreshold }: RunJson['identity']) => ({ dedupThreshold });
    const difference =
      firstDifference(duplicates(stored.identity), duplicates(identity)) ??
      firstDifference(stored.identity, identity);
    if (difference === undefined) return;
    throw new ConfigError(
      `cannot resume the run in '${this.directory}': ${difference}; resume with what the run began with, or begin a new one with another --out`,
    );
  }

  private async findCheckpoint(
    checkpoints: Checkpoints,
    { versions: was }: RunJson,
    report: (event: TrainEvent) => void,
  ): Promise<Checkpoint | undefined> {
    const { intact, damaged } = await checkpoints.newestIntact();
    for (const each of damaged) {
      this.notice(`the checkpoint '${each.path}' is damaged and skipped: ${each.problem}`, report);
      await checkpoints.setAside(each);
    }
    const difference = firstDifference(was, versions());
    if (difference !== undefined) {
      this.notice(`${difference}: the run goes on, but perhaps not with the same bits`, report);
    }
    const detail = intact ? `from step ${intact.manifest.step}` : 'no intact checkpoint: from the beginning';
    report({ type: 'stage', stage: 'resume', detail });
    return intact;
  }

  /** A budget given anew is what remains; otherwise the run has what it began with. */
  private budgetFrom(budget: Budget, from: Checkpoint | undefined): Budget {
    if (!this.stored) return budget;
    const { budgetMs } = this.given;
    if (budgetMs !== undefined) return { ms: (from?.manifest.elapsedMs ?? 0) + budgetMs };
    const granted = from?.manifest.budgetMs ?? undefined;
    return granted === undefined ? budget : { ms: granted };
  }
}

/** The run to resume; undefined where there is none yet and the options suffice to begin one. */
async function resumable(
  given: TrainOptions,
  directory: string,
  existing: RunJson | undefined,
): Promise<RunJson | undefined> {
  if (!existing) {
    if (given.paths.length > 0) return undefined;
    throw new FileError(
      `there is no run to resume in '${directory}': expected ${RUN_FILES.run}; give a corpus to begin one`,
    );
  }
  if (!(await isFinished(directory))) return existing;
  throw new UsageError(
    `the run in '${directory}' is finished and its model is '${existing.out}'; train anew with another --out, or with --overwrite`,
  );
}

/** The options of a run with what was given anew; its budget stays that of the run (see `budgetFrom`). */
function mergedOptions(given: TrainOptions, { options, identity }: RunJson): TrainOptions {
  const stored = parseStoredOptions(options, RUN_FILES.run);
  if (given.steps !== undefined && given.steps !== stored.steps) {
    throw new ConfigError(
      `--steps ${given.steps}: the run was begun with ${stored.steps ?? 'a budget of time'}; resume it without --steps, or give what remains as --budget`,
    );
  }
  const isBudget = (key: string) => BUDGET_KEYS.some((each) => each === key);
  const anew = Object.entries(given).filter(([key, value]) => value !== undefined && !isBudget(key));
  const threads = z.int().positive().parse(identity.threads);
  const paths = given.paths.length > 0 ? given.paths : stored.paths;
  const reading = { ...stored.corpus, ...given.corpus };
  return {
    ...{ ...stored, threads, ...Object.fromEntries(anew), paths, overwrite: true },
    ...(Object.keys(reading).length > 0 && { corpus: reading }),
  };
}

/** What the run is, as JSON; checkpoints are bound to its bytes, so the order of its keys stays. */
function factsOf(identity: RunIdentity): RunJson['identity'] {
  const { seed, threads, corpus, tokenizer, recipe, masking, dedupThreshold } = identity;
  const json = (value: unknown) => z.json().parse(JSON.parse(JSON.stringify(value)));
  return {
    ...{ seed, threads, corpus, tokenizer: sha256(tokenizer), recipe: json(recipe) },
    ...(masking && { masking: json(masking) }),
    ...(dedupThreshold !== undefined && { dedupThreshold }),
  };
}
