import { ConfigError, DataError } from '../core/index.js';
import type { Tokenizer } from '../tokenize/index.js';
import { type TokenisedText, tokeniseText, type Window, windowIds, windowSize } from './windows.js';

/** Masks of a text that the model reads at once, with as much of the text around them as it can read. */
export interface Prompt {
  readonly text: string;
  /** What the model reads, special ids included. */
  readonly ids: readonly number[];
  /** Places of the masks in `ids`, ascending. */
  readonly sites: readonly number[];
  /** [start, end) of each mask in UTF-16 code units of the text. */
  readonly spans: readonly (readonly [number, number])[];
  /** Which of the text's tokens are read, and of how many, when it is not all of them. */
  readonly window?: Window & { readonly of: number };
}

/**
 * The masks of a text. One prompt when all of them and the text fit the model; a text that is too long is read in windows,
 * each around as many consecutive masks as fit. A text without a mask is a DataError.
 */
export function readPrompts(tokenizer: Tokenizer, text: string, maxTokens: number): Prompt[] {
  const tokenised = tokeniseText(tokenizer, text);
  const masks = tokenised.ids.flatMap((id, token) => (id === tokenizer.special.mask ? [token] : []));
  if (masks.length === 0) {
    const mask = maskToken(tokenizer);
    throw new DataError(`no ${mask} in the text "${shorten(text)}": write ${mask} where a word is missing`);
  }
  const size = windowSize(tokenised, maxTokens);
  if (tokenised.ids.length <= size)
    return [promptOf(tokenised, masks, { start: 0, end: tokenised.ids.length })];
  const groups: number[][] = [];
  for (const mask of masks) {
    const group = groups.at(-1);
    if (group && mask - (group[0] as number) < size) group.push(mask);
    else groups.push([mask]);
  }
  return groups.map((group) => promptOf(tokenised, group, windowAround(group, tokenised.ids.length, size)));
}

/** As `readPrompts` for methods that need every mask in sight of every other: a DataError when they are too far apart. */
export function readJointPrompt(tokenizer: Tokenizer, text: string, maxTokens: number): Prompt {
  const [prompt, ...others] = readPrompts(tokenizer, text, maxTokens);
  if (!prompt || others.length > 0) {
    throw new DataError(
      `the masks of the text "${shorten(text)}" are further apart than the ${maxTokens} tokens that the model reads: fill them with --joint independent, or cut the text`,
    );
  }
  return prompt;
}

function promptOf(tokenised: TokenisedText, masks: readonly number[], window: Window): Prompt {
  const isWhole = window.end - window.start === tokenised.ids.length;
  return {
    text: tokenised.text,
    ids: windowIds(tokenised, window),
    sites: masks.map((mask) => mask - window.start + tokenised.before.length),
    spans: masks.map((mask) => tokenised.offsets[mask] as readonly [number, number]),
    ...(!isWhole && { window: { ...window, of: tokenised.ids.length } }),
  };
}

/** A window with as much context on the left of the masks as on their right, as far as the text goes. */
function windowAround(masks: readonly number[], length: number, size: number): Window {
  const centre = ((masks[0] as number) + (masks.at(-1) as number)) / 2;
  const start = Math.max(0, Math.min(length - size, Math.round(centre - (size - 1) / 2)));
  return { start, end: start + size };
}

/** How a mask is written in texts. */
export function maskToken(tokenizer: Tokenizer): string {
  return tokenizer.idToToken(tokenizer.special.mask) ?? '[MASK]';
}

/** How a blank of unknown length is written: the mask with a star before its last character, [MASK*]. */
export function blankToken(tokenizer: Tokenizer): string {
  const mask = maskToken(tokenizer);
  return `${mask.slice(0, -1)}*${mask.slice(-1)}`;
}

/** Most combinations of lengths that the blanks of one text may have. */
const MOST_COMBINATIONS = 64;

/** A text with every blank of unknown length written as that many masks. */
export interface ExpandedText {
  readonly text: string;
  /** Masks of each blank, in order. */
  readonly lengths: readonly number[];
}

/** Every way to write the blanks of a text as 1 to `most` masks each; the text itself when it has none. */
export function expandBlanks(tokenizer: Tokenizer, text: string, most: number): ExpandedText[] {
  const [first = '', ...rest] = text.split(blankToken(tokenizer));
  if (most ** rest.length > MOST_COMBINATIONS) {
    throw new ConfigError(
      `${rest.length} blanks of 1 to ${most} tokens have ${most ** rest.length} combinations of lengths, at most ${MOST_COMBINATIONS}: lower --max-blank or fill fewer blanks at once`,
    );
  }
  const mask = maskToken(tokenizer);
  let texts: ExpandedText[] = [{ text: first, lengths: [] }];
  for (const part of rest) {
    texts = texts.flatMap((soFar) =>
      Array.from({ length: most }, (_, index) => ({
        text: `${soFar.text}${new Array(index + 1).fill(mask).join(' ')}${part}`,
        lengths: [...soFar.lengths, index + 1],
      })),
    );
  }
  return texts;
}

export function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
