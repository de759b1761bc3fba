/** A parsed pattern. Every leaf that matches text matches exactly one code point. */
export type PatternNode =
  | { readonly type: 'character'; readonly source: string }
  | { readonly type: 'sequence'; readonly items: readonly PatternNode[] }
  | { readonly type: 'choice'; readonly options: readonly PatternNode[] }
  | RepeatNode
  | { readonly type: 'atomic'; readonly body: PatternNode }
  | { readonly type: 'look'; readonly opening: '(?=' | '(?!' | '(?<=' | '(?<!'; readonly body: PatternNode }
  | { readonly type: 'assertion'; readonly source: string };

export interface RepeatNode {
  readonly type: 'repeat';
  readonly body: PatternNode;
  readonly min: number;
  /** Infinity for no limit. */
  readonly max: number;
  readonly mode: 'greedy' | 'lazy' | 'possessive';
}
