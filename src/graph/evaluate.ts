import { ShapeError, sameShape } from '../core/index.js';
import { asInput, type NdArray, type OpAttributes, type OpNode, type Tensor } from './graph.js';

/** Nodes that the given tensors need, in topological order. */
export function reachableNodes(outputs: readonly Tensor[]): OpNode[] {
  const first = outputs[0];
  if (!first) return [];
  const needed = new Set<OpNode>(outputs.map((output) => output.node));
  const nodes = first.node.graph.nodes;
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index] as OpNode;
    if (needed.has(node)) for (const input of node.inputs) needed.add(input.node);
  }
  return nodes.filter((node) => needed.has(node));
}

/**
 * Reference evaluation in float64: the values of `outputs` for inputs given by name. Slow and obvious; tests hold
 * gradients and emitted programs against it. Throws a ShapeError for a missing or misshapen input.
 */
export function evaluate(outputs: readonly Tensor[], feeds: ReadonlyMap<string, NdArray>): NdArray[] {
  const values = new Map<number, NdArray>();
  const computed = (tensor: Tensor): NdArray => {
    const value = values.get(tensor.id);
    if (!value) throw new ShapeError(`evaluate: '${tensor.node.rule.name}' has not been computed`);
    return value;
  };
  for (const node of reachableNodes(outputs)) {
    const source = asInput(node);
    const results = source
      ? [feedFor(source, feeds)]
      : node.rule.evaluate(node.inputs.map(computed), node.attributes);
    for (const [index, output] of node.outputs.entries()) {
      const result = results[index];
      if (!result || !sameShape(result.shape, output.shape)) {
        throw new ShapeError(
          `evaluate: '${node.rule.name}' gave [${result?.shape}], inferred [${output.shape}]`,
        );
      }
      values.set(output.id, result);
    }
  }
  return outputs.map(computed);
}

function feedFor({ name, type }: OpAttributes['input'], feeds: ReadonlyMap<string, NdArray>): NdArray {
  const value = feeds.get(name);
  if (!value) throw new ShapeError(`evaluate: input '${name}' was given no value`);
  if (!sameShape(value.shape, type.shape)) {
    throw new ShapeError(`evaluate: input '${name}' must be [${type.shape}], got [${value.shape}]`);
  }
  return value;
}
