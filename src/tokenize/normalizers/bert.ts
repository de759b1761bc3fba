import type { AlignedText } from '../aligned-text.js';
import { isInRanges } from '../code-point-ranges.js';
import type { ComponentJson } from '../codec/schema.js';
import type { Normalizer } from '../component.js';
import { CHINESE, NONSPACING_MARKS, REMOVED, WHITESPACE } from '../unicode-tables.js';
import { toUnicodeForm } from './unicode-forms.js';

export interface BertNormalizerOptions {
  /** Drop control characters and turn every kind of whitespace into a space; true by default. */
  readonly cleanText?: boolean;
  /** Put spaces around CJK ideographs; true by default. */
  readonly handleChineseChars?: boolean;
  /** Decompose and drop accents; null, the default, does it when `lowercase` is true. */
  readonly stripAccents?: boolean | null;
  /** True by default, as in bert-base-uncased. */
  readonly lowercase?: boolean;
}

const PRINTABLE_ASCII = /^[\t\n\r -~]*$/;

/** The text normalisation of BERT (Devlin et al. 2019), with the options of Hugging Face's BertNormalizer. */
export class BertNormalizer implements Normalizer {
  readonly isLocal = true;
  private readonly cleanText: boolean;
  private readonly handleChineseChars: boolean;
  private readonly stripAccents: boolean | null;
  private readonly lowercase: boolean;

  constructor(options: BertNormalizerOptions = {}) {
    this.cleanText = options.cleanText ?? true;
    this.handleChineseChars = options.handleChineseChars ?? true;
    this.stripAccents = options.stripAccents ?? null;
    this.lowercase = options.lowercase ?? true;
  }

  normalize(text: AlignedText): AlignedText {
    if (PRINTABLE_ASCII.test(text.text)) return this.normalizeAscii(text);
    let result = text;
    if (this.cleanText) result = result.mapCharacters(cleanCharacter);
    if (this.handleChineseChars) result = result.mapCharacters(spaceIdeograph);
    if (this.stripAccents ?? this.lowercase) result = toUnicodeForm(result, 'NFD').mapCharacters(dropMark);
    if (this.lowercase) result = result.mapCharacters(lowercaseCharacter);
    return result;
  }

  /** Printable ASCII keeps its length, so its alignment stays implicit. */
  private normalizeAscii(text: AlignedText): AlignedText {
    let result = text.text;
    if (this.cleanText) result = result.replace(/[\t\n\r]/g, ' ');
    if (this.lowercase) result = result.toLowerCase();
    return text.withText(result);
  }

  toJSON(): ComponentJson {
    return {
      type: 'BertNormalizer',
      clean_text: this.cleanText,
      handle_chinese_chars: this.handleChineseChars,
      strip_accents: this.stripAccents,
      lowercase: this.lowercase,
    };
  }
}

function codePointOf(character: string): number {
  return character.codePointAt(0) as number;
}

function cleanCharacter(character: string): string {
  const codePoint = codePointOf(character);
  if (isInRanges(codePoint, REMOVED)) return '';
  return isInRanges(codePoint, WHITESPACE) ? ' ' : character;
}

function spaceIdeograph(character: string): string {
  return isInRanges(codePointOf(character), CHINESE) ? ` ${character} ` : character;
}

function dropMark(character: string): string {
  return isInRanges(codePointOf(character), NONSPACING_MARKS) ? '' : character;
}

/** One character at a time, as the reference does: in a whole word a final capital sigma would become ς. */
function lowercaseCharacter(character: string): string {
  return character.toLowerCase();
}
