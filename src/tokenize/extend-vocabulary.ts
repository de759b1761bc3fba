import { ConfigError } from '../core/index.js';
import { tokenizerFromJson } from './codec/read.js';
import type { ModelJson, TokenizerJson } from './codec/schema.js';
import type { Tokenizer } from './tokenizer.js';

/** A whole word that has become one token. */
export interface AddedWord {
  readonly id: number;
  /** What it was before: ids of the tokenizer that was extended. */
  readonly pieces: readonly number[];
  /** How often it occurs in the texts. */
  readonly occurrences: number;
}

/** A tokenizer with more tokens, and what they are. */
export interface ExtendedTokenizer {
  readonly tokenizer: Tokenizer;
  readonly added: readonly AddedWord[];
  /** How often each id of the tokenizer before occurs in the texts. */
  readonly counts: Float64Array;
}

/** Words that occur less often teach a new token nothing. */
const FEWEST_OCCURRENCES = 3;

/** A word of several tokens, as it is found in texts. */
interface Candidate {
  readonly pieces: readonly number[];
  /** The word where it was seen first, the space before it included where the tokenizer counts it in. */
  readonly surface: string;
  occurrences: number;
}

/**
 * Makes single tokens of the `count` whole words that save the most tokens: occurrences times (tokens - 1). WordPiece gets
 * the words as entries; BPE gets the merges that build them, after all others, and their intermediate tokens count too. Ids
 * of before stay. Throws a ConfigError for other models, and when no word is worth a token.
 */
export function extendVocabulary(
  tokenizer: Tokenizer,
  texts: Iterable<string>,
  count: number,
): ExtendedTokenizer {
  const { candidates, counts } = wordsOfSeveralTokens(tokenizer, texts);
  const ranked = candidates
    .filter(({ occurrences }) => occurrences >= FEWEST_OCCURRENCES)
    .sort((a, b) => savings(b) - savings(a) || (a.surface < b.surface ? -1 : 1));
  const extension = new Extension(tokenizer, count);
  for (const candidate of ranked) extension.offer(candidate);
  if (extension.added.length === 0) {
    throw new ConfigError(
      'the vocabulary has all frequent words of the corpus already: leave the extension out',
    );
  }
  return { tokenizer: extension.tokenizer, added: extension.added, counts };
}

const savings = ({ pieces, occurrences }: Candidate): number => occurrences * (pieces.length - 1);

function wordsOfSeveralTokens(
  tokenizer: Tokenizer,
  texts: Iterable<string>,
): { readonly candidates: Candidate[]; readonly counts: Float64Array } {
  const counts = new Float64Array(tokenizer.vocabSize);
  const found = new Map<string, Candidate>();
  const unusable = new Set([...tokenizer.specialIds, unknownId(tokenizer)]);
  const options = { addSpecialTokens: false, truncation: null, padding: null };
  for (const text of texts) {
    const { ids, wordIds, offsets } = tokenizer.encode(text, options);
    for (let start = 0; start < ids.length; ) {
      let end = start + 1;
      while (end < ids.length && wordIds[end] === wordIds[start]) end++;
      const pieces = ids.slice(start, end);
      for (const id of pieces) counts[id] = (counts[id] ?? 0) + 1;
      const key = pieces.join();
      const known = found.get(key);
      if (known) known.occurrences++;
      else if (pieces.length > 1 && !pieces.some((id) => unusable.has(id))) {
        const surface = text.slice(offsets[start]?.[0], offsets[end - 1]?.[1]);
        found.set(key, { pieces, surface, occurrences: 1 });
      }
      start = end;
    }
  }
  return { candidates: [...found.values()], counts };
}

/** The id of unknown words; -1, which no token has, where the model has none. */
function unknownId(tokenizer: Tokenizer): number {
  const { unk_token: token } = tokenizer.toJSON().model;
  return typeof token === 'string' ? (tokenizer.tokenToId(token) ?? -1) : -1;
}

/** A tokenizer that grows word by word, up to a number of new tokens. */
class Extension {
  tokenizer: Tokenizer;
  readonly added: AddedWord[] = [];
  private room: number;

  constructor(
    private readonly before: Tokenizer,
    count: number,
  ) {
    this.tokenizer = before;
    this.room = count;
  }

  /** Adds a word when there is room for the tokens that it needs. */
  offer({ pieces, surface, occurrences }: Candidate): void {
    if (this.room === 0) return;
    const json = this.tokenizer.toJSON();
    const tokens = pieces.map((id) => this.before.idToToken(id) as string);
    const extended = withWord(json.model, tokens, this.tokenizer.vocabSize);
    const isSmallEnough = extended.newTokens >= 1 && extended.newTokens <= this.room;
    if (!isSmallEnough) return;
    const next = tokenizerFromJson({ ...json, model: extended.model } satisfies TokenizerJson, 'vocabulary');
    const [id, ...others] = next.encodeIds(surface);
    // Another word's merge may take pieces of this one first: it then stays as it is.
    if (id !== extended.id || others.length > 0) return;
    this.tokenizer = next;
    this.room -= extended.newTokens;
    this.added.push({ id, pieces, occurrences });
  }
}

interface WithWord {
  readonly model: ModelJson;
  /** The word's own id. */
  readonly id: number;
  readonly newTokens: number;
}

/** A model with an entry for the word that these tokens make; new ids begin at `firstId`. */
function withWord(model: ModelJson, tokens: readonly string[], firstId: number): WithWord {
  const vocab: Record<string, number> = { ...(model.vocab as Readonly<Record<string, number>>) };
  const known = Object.keys(vocab).length;
  const prefix = typeof model.continuing_subword_prefix === 'string' ? model.continuing_subword_prefix : '';
  const bare = (token: string) => token.slice(prefix.length);
  if (model.type === 'WordPiece') {
    const word = tokens.map((token, index) => (index === 0 ? token : bare(token))).join('');
    if (!(word in vocab)) vocab[word] = firstId;
    return {
      model: { ...model, vocab },
      id: vocab[word] as number,
      newTokens: Object.keys(vocab).length - known,
    };
  }
  if (model.type !== 'BPE' || !Array.isArray(model.merges)) {
    throw new ConfigError(`a vocabulary of type ${model.type} cannot be extended; expected WordPiece or BPE`);
  }
  const merges = [...model.merges];
  let [built = ''] = tokens;
  for (const token of tokens.slice(1)) {
    merges.push([built, token]);
    built += bare(token);
    if (!(built in vocab)) vocab[built] = firstId + Object.keys(vocab).length - known;
  }
  return {
    model: { ...model, vocab, merges },
    id: vocab[built] as number,
    newTokens: Object.keys(vocab).length - known,
  };
}
