import { FormatError, sameShape } from '../core/index.js';
import type { LanguageModel, ParameterValues } from '../model/index.js';
import type { Weight } from './weight-files.js';

/** A checkpoint's weights under the names of a model's parameters. */
export interface FittedWeights {
  /** Every parameter that the checkpoint holds. */
  readonly weights: ParameterValues;
  /** Parameters of the model that it does not hold. */
  readonly missing: readonly string[];
  /** Tensors of the checkpoint that the model has no use for, by their names in the file. */
  readonly unexpected: readonly string[];
  /** Copies of tied parameters that are not equal to their originals, by their names in the file. */
  readonly untied: readonly string[];
}

/** `gamma` and `beta` are the old names of a norm's weight and bias; a wrapper of PyTorch's adds `module.`. */
function modernName(name: string): string {
  return name
    .replace(/^module\./, '')
    .replace(/\.gamma$/, '.weight')
    .replace(/\.beta$/, '.bias');
}

/** The name in the model: as it is, or with the body's prefix, which a checkpoint of the body alone lacks. */
function modelName(name: string, known: ReadonlySet<string>, prefix: string): string | undefined {
  const modern = modernName(name);
  return [modern, `${prefix}${modern}`].find((candidate) => known.has(candidate));
}

function sameValues(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, index) => Object.is(value, b[index]));
}

/**
 * Puts a checkpoint's tensors at a model's parameters: old names, names without the body's prefix, and copies of tied
 * parameters are understood. Throws a FormatError that names both shapes where they differ, and both names where two
 * tensors are the same parameter with different values.
 */
export function fitWeights(
  model: LanguageModel,
  tensors: ReadonlyMap<string, Weight>,
  where: string,
): FittedWeights {
  const shapes = new Map(model.parameters.map(({ name, shape }) => [name, shape]));
  const known = new Set([...shapes.keys(), ...model.tied.keys()]);
  const weights = new Map<string, Weight>();
  const copies: { readonly name: string; readonly original: string; readonly weight: Weight }[] = [];
  const unexpected: string[] = [];
  for (const [name, weight] of tensors) {
    const target = modelName(name, known, model.bodyPrefix);
    const original = target === undefined ? undefined : (model.tied.get(target) ?? target);
    if (target === undefined || original === undefined) {
      unexpected.push(name);
      continue;
    }
    const shape = shapes.get(original) ?? [];
    if (!sameShape(weight.shape, shape)) {
      throw new FormatError(`${where}: '${name}' must be [${shape}] by config.json, got [${weight.shape}]`);
    }
    if (target !== original) copies.push({ name, original, weight });
    else if (weights.has(target)) throw new FormatError(`${where}: '${name}' stands for '${target}' twice`);
    else weights.set(target, weight);
  }
  const untied: string[] = [];
  for (const { name, original, weight } of copies) {
    const own = weights.get(original);
    if (!own) weights.set(original, weight);
    else if (!sameValues(own.data, weight.data)) untied.push(name);
  }
  const missing = [...shapes.keys()].filter((name) => !weights.has(name));
  return { weights, missing, unexpected, untied };
}
