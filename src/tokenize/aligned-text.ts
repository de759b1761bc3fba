/**
 * Text together with the place in an original text that each of its UTF-16 code units came from. The
 * alignment is left implicit while it is only a shift, which it is for almost all of a real corpus.
 * Every text is well formed: no lone surrogates.
 */
export class AlignedText {
  private constructor(
    readonly text: string,
    /** Where in the original text this text begins, whatever it holds. */
    readonly origin: number,
    private readonly shift: number,
    private readonly starts: Int32Array | undefined,
    private readonly ends: Int32Array | undefined,
  ) {}

  /** A piece of an original text that begins at its UTF-16 code unit `origin`. */
  static of(text: string, origin = 0): AlignedText {
    return new AlignedText(text, origin, origin, undefined, undefined);
  }

  /** A text with an explicit alignment: `starts` and `ends` have one entry per code unit. */
  static aligned(
    text: string,
    origin: number,
    starts: readonly number[],
    ends: readonly number[],
  ): AlignedText {
    return new AlignedText(text, origin, 0, Int32Array.from(starts), Int32Array.from(ends));
  }

  /** True when every code unit came from one of its own, and in order, so that places here are places there but for a shift. */
  get isShifted(): boolean {
    return this.starts === undefined;
  }

  /** Code units [start, end) of this text, with their alignment; it begins where the first came from. */
  slice(start: number, end: number): AlignedText {
    return new AlignedText(
      this.text.slice(start, end),
      start < end ? this.startOf(start) : this.origin,
      this.shift + (this.starts === undefined ? start : 0),
      this.starts?.subarray(start, end),
      this.ends?.subarray(start, end),
    );
  }

  /** Where code units [start, end), at least one, came from: [start, end) in the original text. */
  originalRange(start: number, end: number): [number, number] {
    return [this.startOf(start), this.endOf(end - 1)];
  }

  /** The same alignment under another text of the same length. */
  withText(text: string): AlignedText {
    return new AlignedText(text, this.origin, this.shift, this.starts, this.ends);
  }

  /** Replaces every code point by what `replace` gives for it, which comes from the same place. */
  mapCharacters(replace: (character: string) => string): AlignedText {
    const builder = new AlignedTextBuilder(this);
    let changed = false;
    for (const character of this.text) {
      const replacement = replace(character);
      changed ||= replacement !== character;
      if (replacement === '') {
        builder.drop(1);
        continue;
      }
      let change = 0;
      for (const part of replacement) {
        builder.put(part, change);
        change = 1;
      }
    }
    return changed ? builder.build() : this;
  }

  /** Puts `prefix` before a text that is not empty, as if it came from where the first character did. */
  prepend(prefix: string): AlignedText {
    const length = prefix.length + this.text.length;
    const starts = new Int32Array(length);
    const ends = new Int32Array(length);
    const [firstStart, firstEnd] = this.originalRange(0, isPairAt(this.text, 0) ? 2 : 1);
    starts.fill(firstStart, 0, prefix.length);
    ends.fill(firstEnd, 0, prefix.length);
    for (let unit = 0; unit < this.text.length; unit++) {
      starts[prefix.length + unit] = this.startOf(unit);
      ends[prefix.length + unit] = this.endOf(unit);
    }
    return new AlignedText(prefix + this.text, this.origin, 0, starts, ends);
  }

  private startOf(unit: number): number {
    return this.shift + (this.starts === undefined ? unit : (this.starts[unit] as number));
  }

  private endOf(unit: number): number {
    return this.shift + (this.ends === undefined ? unit + 1 : (this.ends[unit] as number));
  }
}

/**
 * Rewrites a text character by character from its beginning, aligned by the rules of the Rust library's
 * `NormalizedString::transform`.
 */
export class AlignedTextBuilder {
  private text = '';
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  /** The code unit of the source that comes next. */
  private next = 0;

  constructor(private readonly source: AlignedText) {}

  /**
   * Appends a character. Change 0: it takes the place of the source's next character. Change -n: n more
   * characters of the source are dropped after that one. Change 1: it is inserted, and comes from the same
   * place as the source's character before it; before the first, from no text at all.
   */
  put(character: string, change: number): void {
    const { source } = this;
    if (change > 0 || this.next >= source.text.length) {
      const before = this.next - (isPairAt(source.text, this.next - 2) ? 2 : 1);
      this.append(character, before < 0 ? [source.origin, source.origin] : this.rangeAt(before));
      return;
    }
    this.append(character, this.rangeAt(this.next));
    this.drop(1 - change);
  }

  /** Drops characters of the source. */
  drop(count: number): void {
    for (let left = count; left > 0; left--) this.next += isPairAt(this.source.text, this.next) ? 2 : 1;
  }

  private rangeAt(unit: number): [number, number] {
    return this.source.originalRange(unit, unit + (isPairAt(this.source.text, unit) ? 2 : 1));
  }

  private append(character: string, [start, end]: readonly [number, number]): void {
    this.text += character;
    for (let unit = 0; unit < character.length; unit++) {
      this.starts.push(start);
      this.ends.push(end);
    }
  }

  build(): AlignedText {
    return AlignedText.aligned(this.text, this.source.origin, this.starts, this.ends);
  }
}

/** True when a surrogate pair begins at this code unit. */
function isPairAt(text: string, unit: number): boolean {
  return unit >= 0 && (text.codePointAt(unit) ?? 0) > 0xffff;
}
