import { type Shape, sizeOf } from '../core/index.js';
import { constant, type Graph, input, type Tensor } from '../graph/index.js';

/** Name (Hugging Face's), shape and role of one tensor of a model. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: Shape;
  /** Embeddings and matrices are subject to weight decay; gains and biases are not. Tables are counted, not trained. */
  readonly kind: 'embedding' | 'matrix' | 'gain' | 'bias' | 'table';
  /** Equal pieces along the first axis that the forward pass takes apart; training keeps them apart. */
  readonly pieces?: number;
  /** What the configuration's `initializerRange` is divided by when values are drawn; 1 unless told. */
  readonly initialDivisor?: number;
}

/** The values of one parameter. */
export interface ParameterValue {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** Parameter values by Hugging Face name. */
export type ParameterValues = ReadonlyMap<string, ParameterValue>;

/** Number of trainable values. */
export function parameterCount(specs: readonly ParameterSpec[]): number {
  return specs.reduce((sum, { shape, kind }) => sum + (kind === 'table' ? 0 : sizeOf(shape)), 0);
}

/** Declares every parameter as an input of `graph`. */
export function declareParameters(
  graph: Graph,
  specs: readonly ParameterSpec[],
): ReadonlyMap<string, Tensor> {
  return new Map(specs.map(({ name, shape }) => [name, input(graph, name, 'float32', shape)]));
}

/** 0 for valid ids and minus infinity for special ones, f32[V]. */
export function validityMask(graph: Graph, vocabSize: number, specialIds: readonly number[]): Tensor {
  const mask = new Float32Array(vocabSize);
  for (const id of specialIds) mask[id] = -Infinity;
  return constant(graph, mask, [vocabSize]);
}

/** Weight f32[out, in] and, unless told otherwise, bias f32[out] of an affine map. */
export function denseSpecs(
  name: string,
  [outputs, inputs]: readonly [number, number],
  options: { readonly bias?: boolean } & Pick<ParameterSpec, 'pieces' | 'initialDivisor'> = {},
): ParameterSpec[] {
  const { bias = true, ...rest } = options;
  const pieces = rest.pieces === undefined ? {} : { pieces: rest.pieces };
  const weight = { name: `${name}.weight`, shape: [outputs, inputs], kind: 'matrix', ...rest } as const;
  return bias ? [weight, { name: `${name}.bias`, shape: [outputs], kind: 'bias', ...pieces }] : [weight];
}

/** Gain f32[width] and, unless told otherwise, bias f32[width] of a layer norm. */
export function normSpecs(name: string, width: number, bias = true): ParameterSpec[] {
  const gain = { name: `${name}.weight`, shape: [width], kind: 'gain' } as const;
  return bias ? [gain, { name: `${name}.bias`, shape: [width], kind: 'bias' }] : [gain];
}
