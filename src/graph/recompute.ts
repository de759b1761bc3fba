import type { Graph, OpNode, Tensor } from './graph.js';
import { after } from './ops/source.js';

/** What lies between two kept tensors, and follows from the first. */
interface Segment {
  readonly start: Tensor;
  readonly end: Tensor;
  /** In the graph's order. */
  readonly nodes: readonly OpNode[];
}

/**
 * Activations computed anew for the backward pass (Chen et al. 2016, arXiv 1604.06174, section 3.2): of the forward pass
 * only the kept tensors stay in memory. What lies between two of them is repeated from the first, as soon as the gradient
 * of the second is there and no sooner. The same operators repeat it, so values come to the same bits.
 */
export class Recomputation {
  private readonly segments: readonly Segment[];
  private readonly repeated = new Map<OpNode, OpNode>();

  /** `kept`: where segments begin and end, in the order of the forward pass; without two of them all is kept. */
  constructor(graph: Graph, kept: readonly Tensor[]) {
    this.segments = kept.slice(1).map((end, index) => segmentBetween(graph, kept[index] as Tensor, end));
  }

  /** The backward pass has come to `node`: a segment that ends there is repeated. */
  reach(node: OpNode, gradientOf: (tensor: Tensor) => Tensor | undefined): void {
    const segment = this.segments.find(({ end }) => end.node === node);
    const gradient = segment && gradientOf(segment.end);
    if (gradient) this.repeat(segment, gradient);
  }

  /** The node with values that are present in the backward pass: its repetition, where there is one. */
  of(node: OpNode): OpNode {
    return this.repeated.get(node) ?? node;
  }

  private repeat({ start, nodes }: Segment, gradient: Tensor): void {
    const anew = new Map([[start.id, after(start, gradient)]]);
    for (const node of nodes) {
      const inputs = node.inputs.map((input) => anew.get(input.id) ?? input);
      const outputs = node.graph.apply(node.rule, inputs, node.attributes);
      for (const [index, output] of outputs.entries()) anew.set((node.outputs[index] as Tensor).id, output);
      this.repeated.set(node, (outputs[0] as Tensor).node);
    }
  }
}

/** The nodes behind `start` up to `end` that follow from `start`. */
function segmentBetween(graph: Graph, start: Tensor, end: Tensor): Segment {
  const following = new Set([start.node]);
  const first = graph.nodes.indexOf(start.node) + 1;
  const nodes = graph.nodes.slice(first, graph.nodes.indexOf(end.node) + 1).filter((node) => {
    const follows = node.inputs.some((input) => following.has(input.node));
    if (follows) following.add(node);
    return follows;
  });
  return { start, end, nodes };
}
