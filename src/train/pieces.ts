import { FormatError, type Shape, sizeOf } from '../core/index.js';
import { concat, type Graph, input, type Parameter, type Tensor } from '../graph/index.js';
import type { ParameterSpec, ParameterTensors, ParameterValues } from '../model/index.js';

/** A model's parameters as the training step sees them. */
export interface TrainableParameters {
  /** Whole parameters, by name. */
  readonly tensors: ParameterTensors;
  /** What the optimizer updates: parameters, or the pieces of those that the forward pass takes apart. */
  readonly trainable: readonly Parameter[];
}

function pieceName(parameter: string, index: number): string {
  return `${parameter}/piece_${index}`;
}

/**
 * Declares every parameter as input of `graph`. One that the forward pass cuts into pieces (the three projections of
 * attention, the two of a gated layer) is declared piece by piece, because cutting copies: 1 % of a step.
 */
export function declareTrainable(graph: Graph, specs: readonly ParameterSpec[]): TrainableParameters {
  const tensors = new Map<string, Tensor>();
  const trainable: Parameter[] = [];
  for (const { name, shape, kind, pieces = 1 } of specs) {
    const names =
      pieces === 1 ? [name] : Array.from({ length: pieces }, (_, index) => pieceName(name, index));
    const inputs = names.map((piece) => input(graph, piece, 'float32', pieceShape(shape, pieces)));
    for (const [index, tensor] of inputs.entries()) {
      trainable.push({ name: names[index] as string, tensor, decays: kind === 'matrix' });
    }
    tensors.set(name, inputs.length === 1 ? (inputs[0] as Tensor) : concat(inputs, 0));
  }
  return { tensors, trainable };
}

function pieceShape(shape: Shape, pieces: number): Shape {
  return shape.with(0, (shape[0] as number) / pieces);
}

/** Whole parameters by the names of a step's state: views of their pieces where that holds pieces. */
export function takeApart(parameters: ParameterValues, state: ReadonlySet<string>): ParameterValues {
  const taken = new Map<string, { readonly shape: Shape; readonly data: Float32Array }>();
  for (const [name, value] of parameters) {
    let pieces = 0;
    while (state.has(pieceName(name, pieces))) pieces++;
    if (pieces === 0) taken.set(name, value);
    const shape = pieceShape(value.shape, Math.max(1, pieces));
    const size = sizeOf(shape);
    for (let index = 0; index < pieces; index++) {
      taken.set(pieceName(name, index), {
        shape,
        data: value.data.subarray(index * size, (index + 1) * size),
      });
    }
  }
  return taken;
}

/**
 * Whole parameters of the given shapes from a step's state, by the names that `takeApart` gives them: its inverse.
 */
export function putTogether(
  shapes: ReadonlyMap<string, { readonly shape: Shape }>,
  stateOf: (name: string) => Float32Array | undefined,
): ParameterValues {
  return new Map(
    [...shapes].map(([name, { shape }]) => [
      name,
      { shape, data: stateOf(name) ?? joined(name, shape, stateOf) },
    ]),
  );
}

function joined(
  name: string,
  shape: Shape,
  stateOf: (name: string) => Float32Array | undefined,
): Float32Array {
  const data = new Float32Array(sizeOf(shape));
  let filled = 0;
  for (let index = 0; filled < data.length; index++) {
    const piece = stateOf(pieceName(name, index));
    if (!piece) throw new FormatError(`the training state has no '${name}', whole or in pieces`);
    data.set(piece, filled);
    filled += piece.length;
  }
  return data;
}
