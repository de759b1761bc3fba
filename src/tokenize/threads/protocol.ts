import type { ErrorCode } from '../../core/index.js';
import type { ComponentJson } from '../codec/schema.js';
import type { PackedCounts } from '../trainers/chunk-counts.js';

/** What a counting worker is started with: components as in `tokenizer.json`. */
export interface CountingData {
  readonly normalizer: ComponentJson | null;
  readonly preTokenizer: ComponentJson | null;
}

/** Answered in order. */
export type CountingRequest =
  /** Count the lines of block `index`. */
  | { readonly kind: 'count'; readonly text: string; readonly index: number }
  /** Hand over what was counted, and begin anew. */
  | { readonly kind: 'drain' };

export type CountingReply =
  | { readonly kind: 'counted'; readonly distinct: number }
  | { readonly kind: 'drained'; readonly parts: readonly PackedCounts[] }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };
