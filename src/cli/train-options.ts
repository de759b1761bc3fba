import type { Command } from 'commander';
import type { OptimizerName, PresetName, TrainOptions } from '../api/index.js';
import { UsageError } from '../core/index.js';
import { readRunJson, runDirectoryOf, type StoredOptions } from '../runs/index.js';
import { findConfig, readConfig } from './config-file.js';
import type { Context } from './context.js';
import { type CorpusFlags, splitCorpusFlags } from './corpus-options.js';
import { type RunFlags, runTarget } from './run-options.js';
import { writeLine } from './terminal.js';

/** What the command line of `train` says, defaults included. */
export interface TrainFlags extends RunFlags, CorpusFlags {
  readonly budget: number;
  readonly steps?: number;
  readonly seed: number;
  readonly preset?: PresetName;
  readonly family?: string;
  readonly vocabSize?: number;
  readonly from?: string;
  readonly extendVocab?: number;
  readonly maskRate?: number | string;
  readonly masking?: string;
  readonly maskingOptions?: Readonly<Record<string, string>>;
  readonly sequenceLength?: number;
  readonly layers?: number;
  readonly hidden?: number;
  readonly heads?: number;
  readonly feedForward?: number;
  readonly batchSize?: number;
  readonly microBatchSize?: number;
  readonly recompute?: boolean;
  readonly batchRamp?: NonNullable<TrainOptions['batchRamp']>;
  readonly lengthRamp?: NonNullable<TrainOptions['lengthRamp']>;
  readonly learningRate?: number;
  readonly optimizer?: OptimizerName;
  readonly threads?: number;
  readonly cacheDir?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

/**
 * The library's options: what the command line says, then the configuration file, then the command's defaults; a run
 * that is resumed keeps its own instead of defaults, and of a file that was not named.
 */
export async function trainOptions(
  paths: readonly string[],
  flags: TrainFlags,
  command: Command,
  context: Context,
): Promise<TrainOptions> {
  const { budget, json: _, resume: __, config: ___, ...others } = flags;
  const { corpus, rest } = splitCorpusFlags(others);
  const isExplicit = (name: string) => command.getOptionValueSource(name) !== 'default';
  const named = Object.entries(rest);
  const explicit = Object.fromEntries(named.filter(([name]) => isExplicit(name)));
  const { isResumed, config, out } = await surroundings(flags, context);
  const target = runTarget({ ...flags, ...(out === undefined ? {} : { out }) });
  const defaults = isResumed ? {} : Object.fromEntries(named.filter(([name]) => !isExplicit(name)));
  const { budgetMs, steps, plan, paths: configured = [], ...fromFile } = config;
  const given = paths.length > 0 ? paths : configured;
  if (given.length === 0 && !target.resume) {
    throw new UsageError("missing required argument 'paths'; see lacuna --help");
  }
  const options = {
    ...defaults,
    ...fromFile,
    ...explicit,
    ...(corpus && { corpus: { ...fromFile.corpus, ...corpus } }),
    paths: given,
    ...target,
  };
  if (isExplicit('budget')) return { ...options, budgetMs: budget };
  if (flags.steps !== undefined) return options;
  if (budgetMs !== undefined) return { ...options, budgetMs };
  if (steps !== undefined) return { ...options, steps };
  if (plan !== undefined) return { ...options, plan };
  return isResumed ? options : { ...options, budgetMs: budget };
}

interface Surroundings {
  readonly isResumed: boolean;
  readonly config: Partial<StoredOptions>;
  readonly out: string | undefined;
}

async function surroundings(flags: TrainFlags, context: Context): Promise<Surroundings> {
  const path = findConfig(flags.config);
  const config = path === undefined ? {} : await readConfig(path);
  // A run directory after --resume says where its model goes.
  const out = flags.out ?? (typeof flags.resume === 'string' ? undefined : config.out);
  const target = flags.resume ? runTarget({ ...flags, ...(out === undefined ? {} : { out }) }) : undefined;
  const isResumed = target !== undefined && (await readRunJson(runDirectoryOf(target.out))) !== undefined;
  if (path === undefined || (isResumed && flags.config === undefined)) return { isResumed, config: {}, out };
  const { stderr } = context.terminal;
  writeLine(stderr, `${stderr.colors.cyan('config'.padEnd(10))} ${path}`);
  return { isResumed, config, out };
}
