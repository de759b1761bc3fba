/** Sizes of a model by name, as the field's small BERTs have them (Turc et al. 2019), feed-forward width aside. */
export interface Preset {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly feedForward: number;
  readonly vocabSize: number;
  /** Tokens in an optimizer step. */
  readonly batchTokens: number;
}

/** Presets by name; with gated layers a feed-forward width of 2 H has as many weights as 3 H without gates. */
export const PRESETS = {
  tiny: { layers: 2, hidden: 128, heads: 2, feedForward: 256, vocabSize: 4096, batchTokens: 2048 },
  mini: { layers: 4, hidden: 256, heads: 4, feedForward: 1024, vocabSize: 8192, batchTokens: 4096 },
  small: { layers: 4, hidden: 512, heads: 8, feedForward: 1024, vocabSize: 8192, batchTokens: 4096 },
  base: { layers: 12, hidden: 768, heads: 12, feedForward: 1536, vocabSize: 30_522, batchTokens: 8192 },
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as readonly PresetName[];
