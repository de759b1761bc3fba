import type { AddedTokenJson } from './codec/schema.js';

/** A token that is found in the raw text, before it is normalised. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Special tokens are left out when ids are decoded. */
  readonly isSpecial: boolean;
}

/** A stretch [start, end) of raw text: ordinary text, or one added token. */
export interface RawSegment {
  readonly start: number;
  readonly end: number;
  readonly added: AddedToken | undefined;
}

/** The added tokens of a tokenizer; the leftmost match wins, then the longest. */
export class AddedTokens {
  private readonly byContent: ReadonlyMap<string, AddedToken>;
  private readonly pattern: RegExp | undefined;

  constructor(readonly all: readonly AddedToken[]) {
    this.byContent = new Map(all.map((token) => [token.content, token]));
    const longestFirst = all.map(({ content }) => content).sort((a, b) => b.length - a.length);
    this.pattern = all.length > 0 ? new RegExp(longestFirst.map(escapePattern).join('|'), 'g') : undefined;
  }

  /** Cuts `text` so that every added token is a segment of its own; no segment is empty. */
  split(text: string): RawSegment[] {
    const segments: RawSegment[] = [];
    let at = 0;
    for (const match of this.pattern === undefined ? [] : text.matchAll(this.pattern)) {
      if (at < match.index) segments.push({ start: at, end: match.index, added: undefined });
      at = match.index + match[0].length;
      segments.push({ start: match.index, end: at, added: this.byContent.get(match[0]) });
    }
    if (at < text.length) segments.push({ start: at, end: text.length, added: undefined });
    return segments;
  }

  toJSON(): AddedTokenJson[] {
    return this.all.map(({ id, content, isSpecial }) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: isSpecial,
    }));
  }
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
