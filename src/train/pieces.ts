import { type Shape, sizeOf } from '../core/index.js';
import { concat, type Graph, input, type Parameter, type Tensor } from '../graph/index.js';
import type { ParameterSpec, ParameterTensors, ParameterValue, ParameterValues } from '../model/index.js';
import type { TrainingState } from './between-steps.js';

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
    if (kind === 'table') {
      tensors.set(name, input(graph, name, 'float32', shape));
      continue;
    }
    const names =
      pieces === 1 ? [name] : Array.from({ length: pieces }, (_, index) => pieceName(name, index));
    const inputs = names.map((piece) => input(graph, piece, 'float32', pieceShape(shape, pieces)));
    for (const [index, tensor] of inputs.entries()) {
      trainable.push({
        name: names[index] as string,
        tensor,
        decays: kind === 'matrix' || kind === 'embedding',
        isHiddenMatrix: kind === 'matrix',
      });
    }
    tensors.set(name, inputs.length === 1 ? (inputs[0] as Tensor) : concat(inputs, 0));
  }
  return { tensors, trainable };
}

function pieceShape(shape: Shape, pieces: number): Shape {
  return shape.with(0, (shape[0] as number) / pieces);
}

/** Names under which a step's state holds a parameter: its own, or those of its pieces in order. */
export function stateNames(parameter: string, state: ReadonlyMap<string, unknown>): readonly string[] {
  const names: string[] = [];
  while (state.has(pieceName(parameter, names.length))) names.push(pieceName(parameter, names.length));
  return names.length > 0 ? names : [parameter];
}

/** A parameter's values as a step's state holds them: whole, or copies of its pieces. */
export function takeApart(
  parameter: string,
  { shape, data }: ParameterValue,
  state: ReadonlyMap<string, unknown>,
): readonly (readonly [string, ParameterValue])[] {
  const names = stateNames(parameter, state);
  const size = data.length / names.length;
  return names.map((name, index) => [
    name,
    { shape: pieceShape(shape, names.length), data: data.slice(index * size, (index + 1) * size) },
  ]);
}

/** A whole parameter from its pieces, in order: the inverse of `takeApart`. */
export function putTogether(shape: Shape, pieces: readonly Float32Array[]): ParameterValue {
  if (pieces.length === 1) return { shape, data: pieces[0] as Float32Array };
  const data = new Float32Array(sizeOf(shape));
  let filled = 0;
  for (const piece of pieces) {
    data.set(piece, filled);
    filled += piece.length;
  }
  return { shape, data };
}

/** The parameters within a training state, with the names and shapes of `like`, and its tables, which training does not change. */
export async function parametersOf(like: ParameterValues, state: TrainingState): Promise<ParameterValues> {
  const values = new Map<string, Float32Array>();
  for await (const [name, { data }] of state) if (data instanceof Float32Array) values.set(name, data);
  return new Map(
    [...like].map(([name, value]) => {
      const pieces = stateNames(name, values).flatMap((piece) => values.get(piece) ?? []);
      return [name, pieces.length === 0 ? value : putTogether(value.shape, pieces)];
    }),
  );
}
