import { LARGEST_FLOAT16, narrowToFloat16, ONNX_DTYPE } from '../../formats/index.js';
import type { DraftNode, Initializer, OnnxDraft } from './draft.js';

/** Constants of fewer values stay as they are: nothing is saved. */
const FEWEST_VALUES = 64;

/**
 * Stores the weights in half precision, with a cast to float32 before their use: half the file, the same arithmetic.
 * Constants that hold values beyond half precision, such as masks, and those of `exact` stay as they are.
 */
export function halveWeights(draft: OnnxDraft, exact: ReadonlySet<string> = new Set()): OnnxDraft {
  const initializers = new Map<string, Initializer>();
  const casts: DraftNode[] = [];
  for (const [name, constant] of draft.initializers) {
    const { dtype, shape, data } = constant;
    if (exact.has(name) || !(data instanceof Float32Array) || dtype !== 'float32' || !isHalvable(data)) {
      initializers.set(name, constant);
      continue;
    }
    const stored = `${name}_fp16`;
    initializers.set(stored, { dtype: 'float16', shape, data: narrowToFloat16(data) });
    const attributes = { to: ONNX_DTYPE.float32 };
    casts.push({ opType: 'Cast', inputs: [stored], outputs: [name], attributes });
  }
  return { ...draft, initializers, nodes: [...casts, ...draft.nodes] };
}

function isHalvable(data: Float32Array): boolean {
  return data.length >= FEWEST_VALUES && data.every((value) => Math.abs(value) <= LARGEST_FLOAT16);
}
