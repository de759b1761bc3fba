import type { ComponentJson } from '../codec/schema.js';
import type { Decoder } from '../component.js';

/** Decoders one after another. */
export class SequenceDecoder implements Decoder {
  constructor(private readonly members: readonly Decoder[]) {}

  decode(tokens: readonly string[]): readonly string[] {
    return this.members.reduce((texts, member) => member.decode(texts), tokens);
  }

  toJSON(): ComponentJson {
    return { type: 'Sequence', decoders: this.members.map((member) => member.toJSON()) };
  }
}
