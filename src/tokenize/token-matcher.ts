import { isInRanges } from './code-point-ranges.js';
import { WORD_CHARACTERS } from './pre-tokenizers/character-tables.js';
import { WHITESPACE } from './unicode-tables.js';

/** A token that is found in the text before the text is cut into words. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Special tokens are left out when ids are decoded. */
  readonly isSpecial: boolean;
  /** Found only where no word character stands beside it. */
  readonly singleWord?: boolean;
  /** Takes the whitespace before it. */
  readonly lstrip?: boolean;
  /** Takes the whitespace after it. */
  readonly rstrip?: boolean;
  /** Found, normalised itself, in the normalised text rather than in the raw text. */
  readonly normalized?: boolean;
}

/** A stretch [start, end) of text: ordinary text, or one added token. */
export interface TokenMatch {
  readonly start: number;
  readonly end: number;
  readonly added: AddedToken | undefined;
}

interface TrieNode {
  readonly children: Map<number, TrieNode>;
  token: AddedToken | undefined;
}

/** Finds tokens in text: the leftmost, then the longest; of two with one content the first given. */
export class TokenMatcher {
  private readonly root: TrieNode = newNode();

  constructor(tokens: readonly { readonly token: AddedToken; readonly content: string }[]) {
    for (const { token, content } of tokens) {
      let node = this.root;
      for (let unit = 0; unit < content.length; unit++) node = childOf(node, content.charCodeAt(unit));
      node.token ??= token;
    }
  }

  /** Cuts `text` so that every token is a stretch of its own; ordinary stretches are not empty. */
  split(text: string): TokenMatch[] {
    const stretches: TokenMatch[] = [];
    let done = 0;
    for (let at = 0; at < text.length; ) {
      const found = this.root.children.has(text.charCodeAt(at)) ? this.longestAt(text, at) : undefined;
      if (found === undefined) {
        at++;
        continue;
      }
      const { added } = found;
      const matched = { start: at, end: found.end };
      at = found.end;
      if (added.singleWord && touchesWord(text, matched)) continue;
      const start = added.lstrip ? Math.max(spacesBefore(text, matched.start), done) : matched.start;
      const end = added.rstrip ? spacesAfter(text, matched.end) : matched.end;
      if (done < start) stretches.push({ start: done, end: start, added: undefined });
      stretches.push({ start, end, added });
      done = end;
    }
    if (done < text.length) stretches.push({ start: done, end: text.length, added: undefined });
    return stretches;
  }

  private longestAt(text: string, start: number): { added: AddedToken; end: number } | undefined {
    let longest: { added: AddedToken; end: number } | undefined;
    let node: TrieNode | undefined = this.root;
    for (let at = start; at < text.length; at++) {
      node = node.children.get(text.charCodeAt(at));
      if (node === undefined) break;
      if (node.token !== undefined) longest = { added: node.token, end: at + 1 };
    }
    return longest;
  }
}

function newNode(): TrieNode {
  return { children: new Map(), token: undefined };
}

function childOf(node: TrieNode, unit: number): TrieNode {
  const known = node.children.get(unit);
  if (known !== undefined) return known;
  const child = newNode();
  node.children.set(unit, child);
  return child;
}

function touchesWord(text: string, { start, end }: { start: number; end: number }): boolean {
  const [before] = [...text.slice(Math.max(0, start - 2), start)].slice(-1);
  return isIn(WORD_CHARACTERS, before) || isIn(WORD_CHARACTERS, text.slice(end, end + 2));
}

/** True when the first character of `text`, if there is one, is in `ranges`. */
function isIn(ranges: readonly number[], text = ''): boolean {
  const codePoint = text.codePointAt(0);
  return codePoint !== undefined && isInRanges(codePoint, ranges);
}

function spacesBefore(text: string, end: number): number {
  let start = end;
  while (start > 0 && isIn(WHITESPACE, text.charAt(start - 1))) start--;
  return start;
}

function spacesAfter(text: string, start: number): number {
  let end = start;
  while (end < text.length && isIn(WHITESPACE, text.charAt(end))) end++;
  return end;
}
