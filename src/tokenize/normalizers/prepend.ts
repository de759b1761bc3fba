import { type AlignedText, AlignedTextBuilder } from '../aligned-text.js';
import type { ComponentJson } from '../codec/schema.js';
import type { Normalizer } from '../component.js';

/** Puts text before a text that is not empty; it comes from where the first character does. */
export class PrependNormalizer implements Normalizer {
  readonly isLocal = false;

  constructor(private readonly prefix: string) {}

  normalize(text: AlignedText): AlignedText {
    if (text.text === '' || this.prefix === '') return text;
    const builder = new AlignedTextBuilder(text);
    const [first, ...rest] = text.text;
    [...this.prefix, first as string].forEach((character, index) => {
      builder.put(character, index === 0 ? 0 : 1);
    });
    for (const character of rest) builder.put(character, 0);
    return builder.build();
  }

  toJSON(): ComponentJson {
    return { type: 'Prepend', prepend: this.prefix };
  }
}
