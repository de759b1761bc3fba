import type { Shape } from '../../core/index.js';
import type { DraftNode, Initializer, OnnxDraft } from './draft.js';
import { withoutUnused } from './draft.js';

/** Replaces a weight that is only cut along its first axis (three projections in one matrix) by its pieces. */
export function foldSplits(draft: OnnxDraft): OnnxDraft {
  const initializers = new Map(draft.initializers);
  const nodes = draft.nodes.filter((node) => {
    const pieces = piecesOf(node, initializers);
    for (const [name, piece] of pieces ?? []) initializers.set(name, piece);
    return pieces === undefined;
  });
  return withoutUnused({ ...draft, nodes, initializers });
}

function piecesOf(
  { opType, inputs, outputs, attributes }: DraftNode,
  initializers: ReadonlyMap<string, Initializer>,
): (readonly [string, Initializer])[] | undefined {
  const whole = initializers.get(inputs[0] ?? '');
  const sizes = initializers.get(inputs[1] ?? '');
  if (opType !== 'Split' || attributes.axis !== 0 || !whole || !sizes) return undefined;
  const inner = whole.shape.slice(1).reduce((product, size) => product * size, 1);
  let start = 0;
  return outputs.map((name, index) => {
    const count = Number(sizes.data[index]);
    const shape: Shape = whole.shape.with(0, count);
    const data = whole.data.slice(start * inner, (start + count) * inner);
    start += count;
    return [name, { dtype: whole.dtype, shape, data }] as const;
  });
}
