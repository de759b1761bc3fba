import { ConfigError } from '../core/index.js';
import type { Encoding, Tokenizer } from '../tokenize/index.js';

/** Words of this many tokens and more are counted together. */
const MOST_TOKENS = 8;
/** Pieces of this many characters and more are counted together. */
const MOST_CHARACTERS = 16;
const LONGEST_PIECES = 12;

/** What a tokenizer makes of a text. A word is what stands between whitespace. */
export interface TokenizerReport {
  readonly vocabSize: number;
  readonly specialTokens: readonly string[];
  readonly bytes: number;
  readonly characters: number;
  readonly words: number;
  readonly tokens: number;
  /** Tokens per word. */
  readonly fertility: number;
  /** UTF-8 bytes per token. */
  readonly bytesPerToken: number;
  /** Share of tokens that are the unknown token. */
  readonly unknownRate: number;
  /** Share of characters, whitespace left out, that are in known tokens. */
  readonly coverage: number;
  /** Share of the vocabulary, special tokens left out, that the text uses. */
  readonly vocabularyUsed: number;
  /** Words by their number of tokens: at index n - 1 those of n, at the last those of 8 and more. */
  readonly wordsByTokens: readonly number[];
  /** Tokens of the vocabulary, special ones left out, by their number of characters as written: at index n - 1 those of n, at the last those of 16 and more. */
  readonly piecesByLength: readonly number[];
  /** The longest tokens of the vocabulary, longest first. */
  readonly longestPieces: readonly string[];
}

/** Measures a tokenizer on texts; texts without a word give NaN where nothing can be divided. */
export async function reportOn(tokenizer: Tokenizer, texts: AsyncIterable<string>): Promise<TokenizerReport> {
  const counter = new TokenCounter(tokenizer);
  for await (const text of texts) counter.add(text);
  return counter.report();
}

class TokenCounter {
  private readonly unkId: number | undefined;
  private readonly used: Uint8Array;
  private readonly wordsByTokens = new Array<number>(MOST_TOKENS).fill(0);
  private bytes = 0;
  private characters = 0;
  private visible = 0;
  private unknownCharacters = 0;
  private words = 0;
  private tokens = 0;
  private unknown = 0;

  constructor(private readonly tokenizer: Tokenizer) {
    this.unkId = unknownId(tokenizer);
    this.used = new Uint8Array(tokenizer.vocabSize);
  }

  add(text: string): void {
    this.bytes += Buffer.byteLength(text);
    this.characters += countCharacters(text);
    this.visible += countCharacters(text.replace(/\s+/g, ''));
    const encoding = this.tokenizer.encode(text, {
      addSpecialTokens: false,
      truncation: null,
      padding: null,
    });
    this.tokens += encoding.ids.length;
    for (const [index, id] of encoding.ids.entries()) {
      this.used[id] = 1;
      if (id !== this.unkId) continue;
      this.unknown++;
      const [start, end] = encoding.offsets[index] ?? [0, 0];
      this.unknownCharacters += countCharacters(text.slice(start, end).replace(/\s+/g, ''));
    }
    this.countWords(text, encoding);
  }

  /** Each token belongs to the word that its last character is in, and so do spaces before a word. */
  private countWords(text: string, { offsets }: Encoding): void {
    let token = 0;
    for (const { index, 0: word } of text.matchAll(/\S+/g)) {
      const end = index + word.length;
      let count = 0;
      for (; token < offsets.length && (offsets[token]?.[1] ?? 0) <= end; token++) count++;
      this.words++;
      const slot = Math.min(Math.max(count, 1), MOST_TOKENS) - 1;
      this.wordsByTokens[slot] = (this.wordsByTokens[slot] ?? 0) + 1;
    }
  }

  report(): TokenizerReport {
    const { tokenizer, tokens, words } = this;
    const isSpecial = new Set(tokenizer.specialIds);
    const ordinary = Array.from({ length: tokenizer.vocabSize }, (_, id) => id).filter(
      (id) => !isSpecial.has(id),
    );
    const texts = (ids: readonly number[]) => ids.map((id) => tokenizer.idToToken(id) ?? '');
    return {
      vocabSize: tokenizer.vocabSize,
      specialTokens: texts(tokenizer.specialIds),
      bytes: this.bytes,
      characters: this.characters,
      words,
      tokens,
      fertility: tokens / words,
      bytesPerToken: this.bytes / tokens,
      unknownRate: this.unknown / tokens,
      coverage: 1 - this.unknownCharacters / this.visible,
      vocabularyUsed: ordinary.filter((id) => this.used[id] === 1).length / ordinary.length,
      wordsByTokens: this.wordsByTokens,
      piecesByLength: byLength(texts(ordinary)),
      longestPieces: texts(ordinary)
        .sort((a, b) => countCharacters(b) - countCharacters(a) || (a < b ? -1 : 1))
        .slice(0, LONGEST_PIECES),
    };
  }
}

function byLength(pieces: readonly string[]): number[] {
  const counts = new Array<number>(MOST_CHARACTERS).fill(0);
  for (const piece of pieces) {
    const slot = Math.min(Math.max(countCharacters(piece), 1), MOST_CHARACTERS) - 1;
    counts[slot] = (counts[slot] ?? 0) + 1;
  }
  return counts;
}

function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function unknownId({ special }: Tokenizer): number | undefined {
  try {
    return special.unk;
  } catch (error) {
    if (error instanceof ConfigError) return undefined; // a model of bytes has none
    throw error;
  }
}
