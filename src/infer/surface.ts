import type { Tokenizer } from '../tokenize/index.js';

/** How tokens look in a text: with the tokenizer's own decoder, so that every kind of tokenizer reads right. */
export class Surfaces {
  private readonly known = new Map<number, { readonly text: string; readonly joinsLeft: boolean }>();
  private readonly reference: number;
  private readonly referenceText: string;

  constructor(private readonly tokenizer: Tokenizer) {
    this.reference = firstOrdinaryWord(tokenizer);
    this.referenceText = tokenizer.decode([this.reference]);
  }

  /** The text with ids in the place of spans [start, end), ascending; a piece that continues a word joins what is before it. */
  fill(text: string, spans: readonly (readonly [number, number])[], ids: readonly number[]): string {
    let filled = '';
    let done = 0;
    for (const [index, [start, end]] of spans.entries()) {
      filled += text.slice(done, start);
      const id = ids[index] as number;
      const surface = this.of(id);
      if (surface.joinsLeft) filled = filled.trimEnd();
      else if (/\S$/.test(filled) && this.writesItsSpace(id)) filled += ' ';
      filled += surface.text;
      done = end;
    }
    return filled + text.slice(done);
  }

  /** The text of ids side by side. */
  join(ids: readonly number[]): string {
    return this.tokenizer.decode(ids).trim();
  }

  /** What a token adds after a word, and whether it adds it to the word itself. */
  private of(id: number): { readonly text: string; readonly joinsLeft: boolean } {
    const known = this.known.get(id);
    if (known) return known;
    const rest = this.tokenizer
      .decode([this.reference, id], { skipSpecialTokens: false })
      .slice(this.referenceText.length);
    const surface = { text: rest.replace(/^ /, ''), joinsLeft: rest !== '' && !rest.startsWith(' ') };
    this.known.set(id, surface);
    return surface;
  }

  /** True for tokens whose own spelling says that a space comes before them. */
  private writesItsSpace(id: number): boolean {
    return /^[Ġ▁]/.test(this.tokenizer.idToToken(id) ?? '');
  }
}

/** An id that a decoder shows as a word of letters and nothing else. */
function firstOrdinaryWord(tokenizer: Tokenizer): number {
  const special = new Set(tokenizer.specialIds);
  for (let id = 0; id < tokenizer.vocabSize; id++) {
    if (!special.has(id) && /^[\p{L}\p{N}]+$/u.test(tokenizer.decode([id]))) return id;
  }
  return special.size < tokenizer.vocabSize ? special.size : 0;
}
