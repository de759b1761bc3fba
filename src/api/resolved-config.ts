import { join } from 'node:path';
import { writeInPlace } from '../files/index.js';
import { CONFIG_FILE, type StoredOptions, withoutUndefined } from '../runs/index.js';
import type { PlanChange, Recipe } from '../train/index.js';
import type { TrainOptions } from './types.js';

interface Resolved {
  readonly recipe: Recipe;
  readonly seed: number;
  readonly threads: number;
  /** The course of a finished run. */
  readonly plan?: readonly PlanChange[];
}

/** Options that repeat a run: every default resolved, and the course it took in place of a budget of time. */
export function resolvedConfig(
  options: TrainOptions,
  { recipe, seed, threads, plan }: Resolved,
): StoredOptions {
  const { signal: _, onEvent: __, resume: ___, overwrite: ____, paths, plan: given, ...rest } = options;
  const resolved = {
    ...rest,
    paths: [...paths],
    plan: given && [...given],
    preset: undefined, // its sizes are spelled out
    seed,
    threads,
    vocabSize: recipe.vocabSize,
    maskRate: options.maskRate ?? recipe.maskRate,
    sequenceLength: recipe.sequenceLength,
    layers: recipe.layers,
    hidden: recipe.hidden,
    heads: recipe.heads,
    feedForward: recipe.feedForward,
    batchSize: recipe.batchSize,
    learningRate: recipe.schedule.peak,
    optimizer: recipe.muon ? ('muon' as const) : ('adamw' as const),
  };
  if (options.steps !== undefined || !plan) return withoutUndefined(resolved);
  return withoutUndefined({ ...resolved, budgetMs: undefined, plan: [...plan] });
}

/** Writes a configuration file into a run directory. Throws a FileError. */
export async function writeConfig(directory: string, config: StoredOptions): Promise<void> {
  await writeInPlace(join(directory, CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`);
}
