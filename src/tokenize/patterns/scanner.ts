import { ConfigError } from '../../core/index.js';

/** Reads a pattern from left to right. */
export class PatternScanner {
  /** Letters match in both cases from here. */
  ignoresCase = false;
  /** `.` matches a line feed too from here. */
  dotMatchesNewline = false;
  private at = 0;

  constructor(private readonly pattern: string) {}

  get isAtEnd(): boolean {
    return this.at >= this.pattern.length;
  }

  /** The next code point, which is passed; '' at the end. */
  take(): string {
    const codePoint = this.pattern.codePointAt(this.at);
    if (codePoint === undefined) return '';
    const character = String.fromCodePoint(codePoint);
    this.at += character.length;
    return character;
  }

  /** Passes `text` if it comes next. */
  accept(text: string): boolean {
    if (!this.pattern.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** True when `expression`, which is sticky, matches here. */
  matches(expression: RegExp): boolean {
    expression.lastIndex = this.at;
    return expression.test(this.pattern);
  }

  /** Passes what `expression`, which is sticky, matches here. */
  match(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.at;
    const match = expression.exec(this.pattern);
    if (match === null) return undefined;
    this.at += match[0].length;
    return match;
  }

  unsupported(what: string): ConfigError {
    return new ConfigError(
      `pattern ${JSON.stringify(this.pattern.slice(0, 200))}: ${what} is not supported, before character ${this.at}`,
    );
  }
}
