import { DataError } from '../../core/index.js';
import type { ModelJson } from '../codec/schema.js';
import type { Model, Piece } from '../component.js';

/** Whole words: each is a token, or unknown. */
export class WordLevelModel implements Model {
  readonly unkToken: string | undefined;
  private readonly ids: ReadonlyMap<string, number>;
  private readonly unkId: number | undefined;

  /** `tokens` are distinct; the token that stands for unknown words may be none of them. */
  constructor(
    readonly tokens: readonly string[],
    private readonly unkName: string,
  ) {
    this.ids = new Map(tokens.map((token, id) => [token, id]));
    this.unkId = this.ids.get(unkName);
    this.unkToken = this.unkId === undefined ? undefined : unkName;
  }

  tokenToId(token: string): number | undefined {
    return this.ids.get(token);
  }

  /** Throws DataError for an unknown word when the vocabulary does not have the unknown token. */
  tokenize(word: string): readonly Piece[] {
    const id = this.ids.get(word) ?? this.unkId;
    if (id !== undefined) return [{ id, start: 0, end: word.length }];
    throw new DataError(
      `WordLevel: expected the word ${JSON.stringify(word.slice(0, 100))} or the unknown token ` +
        `${JSON.stringify(this.unkName)} in the vocabulary, found neither`,
    );
  }

  toJSON(): ModelJson {
    return { type: 'WordLevel', vocab: Object.fromEntries(this.ids), unk_token: this.unkName };
  }
}
