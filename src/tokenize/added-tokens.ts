import { ConfigError } from '../core/index.js';
import { AlignedText } from './aligned-text.js';
import type { AddedTokenJson } from './codec/schema.js';
import type { Normalizer } from './component.js';
import { type AddedToken, type TokenMatch, TokenMatcher } from './token-matcher.js';

/** The added tokens of a tokenizer; the leftmost match wins, then the longest. */
export class AddedTokens {
  private readonly inRawText: TokenMatcher;
  private readonly inNormalizedText: TokenMatcher;

  /** Throws ConfigError for two tokens of one content or id, and for a token that is normalised to nothing. */
  constructor(
    readonly all: readonly AddedToken[],
    normalizer: Normalizer,
  ) {
    checkDistinct(all);
    // Where contents become the same, the reference prefers special tokens.
    const ordered = [...all].sort((a, b) => Number(b.isSpecial) - Number(a.isSpecial));
    this.inRawText = new TokenMatcher(
      ordered.filter(({ normalized }) => !normalized).map((token) => ({ token, content: token.content })),
    );
    this.inNormalizedText = new TokenMatcher(
      ordered
        .filter(({ normalized }) => normalized)
        .map((token) => ({ token, content: normalizedContent(token, normalizer) })),
    );
  }

  /** True when tokens are looked for in normalised text too. */
  get isInNormalizedText(): boolean {
    return this.all.some(({ normalized }) => normalized === true);
  }

  splitRaw(text: string): TokenMatch[] {
    return this.inRawText.split(text);
  }

  splitNormalized(text: string): TokenMatch[] {
    return this.inNormalizedText.split(text);
  }

  toJSON(): AddedTokenJson[] {
    return this.all.map((token) => ({
      id: token.id,
      content: token.content,
      single_word: token.singleWord ?? false,
      lstrip: token.lstrip ?? false,
      rstrip: token.rstrip ?? false,
      normalized: token.normalized ?? false,
      special: token.isSpecial,
    }));
  }
}

function checkDistinct(all: readonly AddedToken[]): void {
  const contents = new Set<string>();
  const ids = new Set<number>();
  for (const { id, content } of all) {
    if (contents.has(content) || ids.has(id)) {
      throw new ConfigError(
        `added token ${JSON.stringify(content)} with id ${id}: another has the same content or id`,
      );
    }
    contents.add(content);
    ids.add(id);
  }
}

function normalizedContent({ content }: AddedToken, normalizer: Normalizer): string {
  const { text } = normalizer.normalize(AlignedText.of(content));
  if (text === '') {
    throw new ConfigError(`added token ${JSON.stringify(content)}: is normalised to nothing`);
  }
  return text;
}
