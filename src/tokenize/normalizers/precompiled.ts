import { type AlignedText, AlignedTextBuilder } from '../aligned-text.js';
import type { ComponentJson } from '../codec/schema.js';
import type { Normalizer } from '../component.js';
import { CharacterMap } from './character-map.js';

/** Only graphemes of fewer bytes are looked up whole. */
const MAX_GRAPHEME_BYTES = 6;

/** As for {@link AlignedTextBuilder.put}. */
interface Change {
  readonly character: string;
  change: number;
}

/** SentencePiece's normalisation by a precompiled character map, as T5 and XLM-RoBERTa have it. */
export class PrecompiledNormalizer implements Normalizer {
  readonly isLocal = false;
  private readonly map: CharacterMap;
  private readonly graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

  /** Throws FormatError unless `charsmap` holds a trie. */
  constructor(private readonly charsmap: Uint8Array) {
    this.map = new CharacterMap(charsmap);
  }

  normalize(text: AlignedText): AlignedText {
    const changes: Change[] = [];
    let isChanged = false;
    const replaceWith = (replacement: string, part: string): void => {
      isChanged = true;
      replace(changes, [...part].length, [...replacement]);
    };
    for (const { segment } of this.graphemes.segment(text.text)) {
      const isShort = new TextEncoder().encode(segment).length < MAX_GRAPHEME_BYTES;
      const whole = isShort ? this.map.lookUp(segment) : undefined;
      if (whole !== undefined) {
        replaceWith(whole, segment);
        continue;
      }
      for (const character of segment) {
        const replacement = this.map.lookUp(character);
        if (replacement === undefined) changes.push({ character, change: 0 });
        else replaceWith(replacement, character);
      }
    }
    if (!isChanged) return text;
    const builder = new AlignedTextBuilder(text);
    for (const { character, change } of changes) builder.put(character, change);
    return builder.build();
  }

  toJSON(): ComponentJson {
    return { type: 'Precompiled', precompiled_charsmap: Buffer.from(this.charsmap).toString('base64') };
  }
}

/** What the reference does, also where nothing is left that could carry what is dropped. */
function replace(changes: Change[], count: number, replacement: readonly string[]): void {
  const difference = replacement.length - count;
  replacement.forEach((character, index) => {
    changes.push({ character, change: index < count ? 0 : 1 });
  });
  const last = changes.at(-1);
  if (difference < 0 && last !== undefined) last.change += difference;
}
