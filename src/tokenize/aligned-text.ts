/**
 * Text together with the place in an original text that each of its UTF-16 code units came from. The
 * alignment is left implicit while it is only a shift, which it is for almost all of a real corpus.
 */
export class AlignedText {
  private constructor(
    readonly text: string,
    private readonly shift: number,
    private readonly starts: Int32Array | undefined,
    private readonly ends: Int32Array | undefined,
  ) {}

  /** A piece of an original text that begins at its UTF-16 code unit `shift`. */
  static of(text: string, shift = 0): AlignedText {
    return new AlignedText(text, shift, undefined, undefined);
  }

  /** Code units [start, end) of this text, with their alignment. */
  slice(start: number, end: number): AlignedText {
    return new AlignedText(
      this.text.slice(start, end),
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
    return new AlignedText(text, this.shift, this.starts, this.ends);
  }

  /** Replaces every code point by what `replace` gives for it, which comes from the same place. */
  mapCharacters(replace: (character: string) => string): AlignedText {
    const builder = new AlignedTextBuilder();
    let changed = false;
    let at = 0;
    for (const character of this.text) {
      const replacement = replace(character);
      changed ||= replacement !== character;
      builder.append(replacement, this.startOf(at), this.endOf(at + character.length - 1));
      at += character.length;
    }
    return changed ? builder.build() : this;
  }

  private startOf(unit: number): number {
    return this.shift + (this.starts === undefined ? unit : (this.starts[unit] as number));
  }

  private endOf(unit: number): number {
    return this.shift + (this.ends === undefined ? unit + 1 : (this.ends[unit] as number));
  }

  /** A text with an explicit alignment: `starts` and `ends` have one entry per code unit. */
  static aligned(text: string, starts: readonly number[], ends: readonly number[]): AlignedText {
    return new AlignedText(text, 0, Int32Array.from(starts), Int32Array.from(ends));
  }
}

/** Collects characters with the place that each came from. */
export class AlignedTextBuilder {
  private text = '';
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  append(text: string, start: number, end: number): void {
    this.text += text;
    for (let unit = 0; unit < text.length; unit++) {
      this.starts.push(start);
      this.ends.push(end);
    }
  }

  build(): AlignedText {
    return AlignedText.aligned(this.text, this.starts, this.ends);
  }
}
