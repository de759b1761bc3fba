import type { Shape } from '../../core/index.js';
import type { NamedShape, OnnxAttributes, OnnxData, OnnxDType } from '../../formats/index.js';

/** One node of a model on its way out of Lacuna. */
export interface DraftNode {
  readonly opType: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: OnnxAttributes;
}

/** A constant of a model: its weights, and what the emission added. */
export interface Initializer {
  readonly dtype: OnnxDType;
  readonly shape: Shape;
  readonly data: OnnxData;
}

/** An input or output whose dimensions may be named instead of fixed. */
export interface DraftPort {
  readonly name: string;
  readonly dtype: OnnxDType;
  readonly shape: NamedShape;
}

/**
 * A model that other programs are to run: standard operators only, sizes by name, weights inside. Passes rewrite it
 * (`quantizeWeights`, `halveWeights`) before `encodeDraft` gives it its bytes.
 */
export interface OnnxDraft {
  readonly nodes: readonly DraftNode[];
  readonly initializers: ReadonlyMap<string, Initializer>;
  readonly inputs: readonly DraftPort[];
  readonly outputs: readonly DraftPort[];
}

/** How often each name is consumed, outputs of the model included. */
export function countUses(draft: OnnxDraft): Map<string, number> {
  const uses = new Map<string, number>();
  const names = [...draft.nodes.flatMap(({ inputs }) => inputs), ...draft.outputs.map(({ name }) => name)];
  for (const name of names) uses.set(name, (uses.get(name) ?? 0) + 1);
  return uses;
}

/** A draft without the constants that nothing consumes. */
export function withoutUnused(draft: OnnxDraft): OnnxDraft {
  const uses = countUses(draft);
  const initializers = new Map([...draft.initializers].filter(([name]) => uses.has(name)));
  return { ...draft, initializers };
}
