import { formatType, ShapeError, sameShape } from '../core/index.js';
import { asInput, type Graph, type OpNode, type Tensor } from './graph.js';
import { sumToShape } from './ops/layout.js';
import { addScattered } from './ops/select.js';
import { scalar } from './ops/source.js';
import { Recomputation } from './recompute.js';

/** Nodes on some path from one of `sources` to anything, in the graph's order. */
function dependents(graph: Graph, sources: readonly Tensor[]): Set<OpNode> {
  const found = new Set<OpNode>(sources.map((source) => source.node));
  for (const node of graph.nodes) {
    if (node.inputs.some((input) => found.has(input.node))) found.add(node);
  }
  return found;
}

/** Sums of gradient contributions per tensor, reduced to the tensor's own shape. */
class Accumulator {
  private readonly sums = new Map<number, Tensor>();

  contribute(tensor: Tensor, contribution: Tensor): void {
    const reduced = sameShape(contribution.shape, tensor.shape)
      ? contribution
      : sumToShape(contribution, tensor.shape);
    const earlier = this.sums.get(tensor.id);
    this.sums.set(tensor.id, earlier ? addScattered(earlier, reduced) : reduced);
  }

  get(tensor: Tensor): Tensor | undefined {
    return this.sums.get(tensor.id);
  }
}

/**
 * Reverse-mode automatic differentiation: the gradients of a scalar loss f32[] with respect to `sources`, as new
 * tensors of the same graph. What lies between each of `kept` and the next is computed anew for the backward pass, instead
 * of being held in memory until then (see `Recomputation`). Throws a ShapeError when the loss is no scalar, when it does
 * not depend on a source, or when the way leads through an op without a gradient (naming it and saying why).
 */
export function gradients(
  loss: Tensor,
  sources: readonly Tensor[],
  { kept = [] }: { readonly kept?: readonly Tensor[] } = {},
): Tensor[] {
  if (loss.shape.length !== 0) {
    throw new ShapeError(`gradients: the loss must be f32[], got ${formatType(loss.dtype, loss.shape)}`);
  }
  const graph = loss.node.graph;
  const relevant = dependents(graph, sources);
  const forward = graph.nodes.slice(0, graph.nodes.indexOf(loss.node) + 1);
  const totals = new Accumulator();
  totals.contribute(loss, scalar(graph, 1));
  const recomputation = new Recomputation(graph, kept);
  for (const node of forward.reverse()) {
    if (!relevant.has(node)) continue;
    recomputation.reach(node, (tensor) => totals.get(tensor));
    propagate(node, recomputation.of(node), totals, relevant);
  }
  return sources.map((source) => {
    const total = totals.get(source);
    if (!total) throw new ShapeError(`gradients: the loss does not depend on ${describe(source)}`);
    return total;
  });
}

/** Adds what a node contributes to the gradients of its inputs; `present` has the values that its rule may use. */
function propagate(node: OpNode, present: OpNode, totals: Accumulator, relevant: ReadonlySet<OpNode>): void {
  const outputGradients = node.outputs.map((output) => totals.get(output));
  if (node.inputs.length === 0 || outputGradients.every((gradient) => gradient === undefined)) return;
  const rule = node.rule.gradient;
  if (typeof rule !== 'function') {
    if (node.rule.name === 'stopGradient') return;
    throw new ShapeError(`gradients: '${node.rule.name}' is not differentiable: ${rule.notDifferentiable}`);
  }
  for (const [index, contribution] of rule(outputGradients, present).entries()) {
    const input = node.inputs[index];
    if (contribution && input && relevant.has(input.node)) totals.contribute(input, contribution);
  }
}

function describe(tensor: Tensor): string {
  const source = asInput(tensor.node);
  return source ? `input '${source.name}'` : `an output of '${tensor.node.rule.name}'`;
}
