import { DataError, RandomPurpose, RandomStream, shuffleInPlace } from '../core/index.js';
import type { Tokenizer } from '../tokenize/index.js';
import { nearestWords } from './nearest-words.js';
import type { Predictor } from './predictor.js';
import { maskToken, type Prompt, readPrompts } from './prompt.js';
import type { Row } from './rows.js';
import { tokeniseText, type Window } from './windows.js';

/** In which order the tokens of a target are given their chain-rule probabilities. */
export const TARGET_ORDERS = ['left-to-right', 'average'] as const;
export type TargetOrder = (typeof TARGET_ORDERS)[number];

/** How probable a given word or phrase is in the place of a mask. */
export interface TargetCandidate {
  /** Probability: for several tokens by the chain rule, each token given the ones before it in the order. */
  readonly score: number;
  readonly log_probability: number;
  /** The target as it was asked for. */
  readonly token_str: string;
  /** Ids of its tokens. */
  readonly tokens: readonly number[];
  readonly sequence: string;
  readonly window?: Window & { readonly of: number };
}

export interface TargetOptions {
  readonly targets: readonly string[];
  readonly order: TargetOrder;
  /** For the orders that are drawn when a target has more tokens than can be averaged over all their orders. */
  readonly seed: number;
}

/** Where log-probabilities saturate: the smallest normal float32. */
const TINY = 2 ** -126;
/** Up to this many tokens all orders are averaged (6 orders); beyond it, as many drawn at random. */
const ALL_ORDERS_UP_TO = 3;
const DRAWN_ORDERS = 8;

interface TargetRow extends Row {
  readonly target: number;
  readonly key: string;
}

/**
 * The probability of each target in the place of each mask of a text, best first; other masks stay open. A target of k
 * tokens takes the place of the mask as k masks, and its probability is the chain rule's: from left to right, or the mean
 * over orders. Targets of different numbers of tokens are conditioned on different numbers of masks. Throws a DataError
 * for a target that the vocabulary cannot write, with the nearest words that it can.
 */
export async function fillTargets(
  predictor: Predictor,
  tokenizer: Tokenizer,
  text: string,
  options: TargetOptions,
): Promise<TargetCandidate[][]> {
  const masks: TargetCandidate[][] = [];
  for (const prompt of readPrompts(tokenizer, text, predictor.maxTokens)) {
    for (const mask of prompt.sites.keys()) {
      masks.push(await targetsAt(predictor, tokenizer, prompt, mask, options));
    }
  }
  return masks;
}

async function targetsAt(
  predictor: Predictor,
  tokenizer: Tokenizer,
  prompt: Prompt,
  mask: number,
  { targets, order, seed }: TargetOptions,
): Promise<TargetCandidate[]> {
  const pieces = targets.map((target) => targetIds(tokenizer, prompt, mask, target));
  const orders = pieces.map(({ length }, target) => ordersOf(length, order, seed, target));
  const site = prompt.sites[mask] as number;
  const rows = new Map<string, TargetRow>();
  for (const [target, ids] of pieces.entries()) {
    for (const path of orders[target] as number[][]) {
      for (const [step, next] of path.entries()) {
        const row = targetRow(prompt, site, ids, path.slice(0, step), next, tokenizer.special.mask, target);
        rows.set(row.key, row);
      }
    }
  }
  const logs = new Map<string, number>();
  for await (const { row, values } of predictor.ask({ kind: 'labels', over: 'valid' }, [...rows.values()])) {
    logs.set(row.key, Math.log(Math.max(values[0] as number, TINY)));
  }
  const candidates = targets.map((target, index): TargetCandidate => {
    const paths = (orders[index] as number[][]).map((path) =>
      path.reduce(
        (sum, next, step) => sum + (logs.get(keyOf(index, path.slice(0, step), next)) as number),
        0,
      ),
    );
    const logProbability = logMeanExp(paths);
    const [start, end] = prompt.spans[mask] as readonly [number, number];
    return {
      score: Math.exp(logProbability),
      log_probability: logProbability,
      token_str: target,
      tokens: pieces[index] as number[],
      sequence: prompt.text.slice(0, start) + target + prompt.text.slice(end),
      ...(prompt.window && { window: prompt.window }),
    };
  });
  return candidates.sort((a, b) => b.log_probability - a.log_probability);
}

/** The prompt with the mask as the target's tokens: `known` ones in place, the others masked; asks for `next`. */
function targetRow(
  prompt: Prompt,
  site: number,
  ids: readonly number[],
  known: readonly number[],
  next: number,
  maskId: number,
  target: number,
): TargetRow {
  const shown = ids.map((id, place) => (known.includes(place) ? id : maskId));
  return {
    ids: [...prompt.ids.slice(0, site), ...shown, ...prompt.ids.slice(site + 1)],
    positions: [site + next],
    labels: [ids[next] as number],
    target,
    key: keyOf(target, known, next),
  };
}

function keyOf(target: number, known: readonly number[], next: number): string {
  return `${target}:${[...known].sort((a, b) => a - b).join(',')}>${next}`;
}

/** Ids of a target where it stands: as the tokenizer writes it in the text, or alone where it would merge with what is beside it. */
function targetIds(tokenizer: Tokenizer, prompt: Prompt, mask: number, target: string): number[] {
  const [start, end] = prompt.spans[mask] as readonly [number, number];
  const inText = tokeniseText(tokenizer, prompt.text.slice(0, start) + target + prompt.text.slice(end));
  const isOwn = ([from, to]: readonly [number, number]) => to > start && from < start + target.length;
  const isCutClean = inText.offsets.every(
    (span) =>
      !isOwn(span) || (span[1] <= start + target.length && prompt.text.slice(span[0], start).trim() === ''),
  );
  const source = isCutClean ? inText : tokeniseText(tokenizer, target);
  const ids = source.ids.filter((_, token) =>
    source === inText ? isOwn(inText.offsets[token] ?? [0, 0]) : true,
  );
  const special = new Set(tokenizer.specialIds);
  if (ids.length === 0 || ids.some((id) => special.has(id))) {
    const nearest = nearestWords(tokenizer, target, 3).map((word) => `'${word}'`);
    throw new DataError(
      `the vocabulary cannot write the target '${target}' in the place of ${maskToken(tokenizer)}; the nearest known: ${nearest.join(', ')}`,
    );
  }
  return ids;
}

/** Orders in which the tokens 0 .. count - 1 of a target are revealed. */
function ordersOf(count: number, order: TargetOrder, seed: number, target: number): number[][] {
  const leftToRight = Array.from({ length: count }, (_, index) => index);
  if (order === 'left-to-right' || count === 1) return [leftToRight];
  if (count <= ALL_ORDERS_UP_TO) return permutations(leftToRight);
  const random = new RandomStream(seed, RandomPurpose.sampling, target, 2);
  return Array.from({ length: DRAWN_ORDERS }, () => shuffleInPlace([...leftToRight], random));
}

function permutations(items: readonly number[]): number[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item) =>
    permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
  );
}

function logMeanExp(logs: readonly number[]): number {
  const largest = Math.max(...logs);
  return largest + Math.log(logs.reduce((sum, value) => sum + Math.exp(value - largest), 0) / logs.length);
}
