import { type Shape, ShapeError } from '../../core/index.js';
import { inputPorts } from '../emit.js';
import type { Tensor } from '../graph.js';
import { type DraftPort, type Initializer, type OnnxDraft, withoutUnused } from './draft.js';
import { DynamicEmitter } from './dynamic-emitter.js';
import { chooseStandIns, type DynamicSize, dimensionName } from './sizes.js';

/** A weight of a model that leaves Lacuna. */
export interface DraftWeight {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** What a model with dynamic sizes is made from. */
export interface DynamicModel {
  readonly sizes: readonly DynamicSize[];
  /** Graph inputs of these names become constants of the model. */
  readonly weights: ReadonlyMap<string, DraftWeight>;
  /** Builds the outputs, by name, for sizes given in the order of `sizes`; always the same graph but for its sizes. */
  readonly build: (sizes: readonly number[]) => Readonly<Record<string, Tensor>>;
}

/**
 * A graph of fixed shapes as a model of dynamic ones (decision 20). The graph is built at primes that stand for the
 * dynamic sizes, so that every dimension, factored, says which sizes it is made of. Proof that nothing else depended on
 * them: built at other primes, the model must come out the same. Throws a ShapeError where it does not.
 */
export function draftDynamic(model: DynamicModel): OnnxDraft {
  const [draft, other] = [0, 1].map((skip) => draftAt(model, skip)) as [OnnxDraft, OnnxDraft];
  assertSame(draft, other);
  return draft;
}

function draftAt({ sizes, weights, build }: DynamicModel, skip: number): OnnxDraft {
  const fixed = [...weights.values()].flatMap(({ shape }) => shape);
  const standIns = chooseStandIns(sizes, fixed, skip);
  const outputs = build(standIns.map(({ prime }) => prime));
  const tensors = Object.values(outputs);
  const emitter = new DynamicEmitter(standIns);
  const inputs = inputPorts(tensors);
  for (const { port, tensor } of inputs) emitter.bind(tensor, port.name);
  for (const [name, tensor] of Object.entries(outputs)) emitter.bindOutput(tensor, name);
  emitter.emitAll(tensors);
  const stored = new Map<string, Initializer>(
    [...weights].map(([name, { shape, data }]) => [name, { dtype: 'float32', shape, data }]),
  );
  const named = (port: { name: string; dtype: DraftPort['dtype']; shape: Shape }): DraftPort => ({
    name: port.name,
    dtype: port.dtype,
    shape: port.shape.map((size) => dimensionName(size, standIns, `'${port.name}'`)),
  });
  return withoutUnused({
    nodes: emitter.drafted,
    initializers: new Map([...stored, ...emitter.emitted]),
    inputs: inputs.filter(({ port }) => !weights.has(port.name)).map(({ port }) => named(port)),
    outputs: Object.entries(outputs).map(([name, { dtype, shape }]) => named({ name, dtype, shape })),
  });
}

function assertSame(draft: OnnxDraft, other: OnnxDraft): void {
  const structure = ({ nodes, inputs, outputs, initializers }: OnnxDraft) =>
    [nodes, inputs, outputs, [...initializers].map(([name, { dtype, shape }]) => [name, dtype, shape])].map(
      (part) => part.map((entry) => JSON.stringify(entry)),
    );
  for (const [index, part] of structure(draft).entries()) {
    const counterpart = structure(other)[index] ?? [];
    const different = part.find((entry, position) => entry !== counterpart[position]);
    if (different !== undefined || part.length !== counterpart.length)
      throw new ShapeError(`the graph is not the same for every size: ${different ?? 'its length differs'}`);
  }
  for (const [name, { data }] of draft.initializers) {
    const counterpart = other.initializers.get(name)?.data;
    const isSame = data === counterpart || data.every((value, index) => value === counterpart?.[index]);
    if (!isSame) throw new ShapeError(`the constant '${name}' is not the same for every size`);
  }
}
