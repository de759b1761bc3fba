import { ConfigError, errorMessage } from '../../core/index.js';
import type { JsonValue } from '../codec/schema.js';
import { checkAmbiguity } from './ambiguity.js';
import { emitPattern } from './emit.js';
import { parsePattern } from './parse-pattern.js';

/** What Split and Replace look for: a literal text, or a regular expression. */
export class TextPattern {
  private constructor(
    /** The text of a literal pattern. */
    readonly literal: string | undefined,
    private readonly source: string,
    private readonly expression: RegExp,
  ) {}

  static ofText(text: string): TextPattern {
    const escaped = text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    return new TextPattern(text, text, new RegExp(escaped, 'gu'));
  }

  /**
   * A regular expression in Oniguruma's syntax. Throws ConfigError for what is not supported, and for a pattern
   * that could take time beyond the square of a text's length.
   */
  static ofRegex(source: string): TextPattern {
    const node = parsePattern(source);
    checkAmbiguity(node, source);
    try {
      return new TextPattern(undefined, source, new RegExp(emitPattern(node), 'gv'));
    } catch (error) {
      throw new ConfigError(`pattern ${JSON.stringify(source)}: ${errorMessage(error)}`, { cause: error });
    }
  }

  /** [start, end) of each match, in order. An empty match right after another match does not count. */
  matches(text: string): [number, number][] {
    const found: [number, number][] = [];
    if (this.literal === '') return found;
    const { expression } = this;
    let lastEnd = -1;
    expression.lastIndex = 0;
    for (let match = expression.exec(text); match !== null; match = expression.exec(text)) {
      const start = match.index;
      const end = start + match[0].length;
      if (start < end || end !== lastEnd) {
        found.push([start, end]);
        lastEnd = end;
      }
      if (start === end) expression.lastIndex = end + ((text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1);
    }
    return found;
  }

  toJSON(): JsonValue {
    return this.literal === undefined ? { Regex: this.source } : { String: this.literal };
  }
}
