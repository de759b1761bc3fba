import { formatErrorAt, type Located } from './parse.js';

/** Tokens by id from a `{token: id}` object; throws FormatError unless the ids are 0 .. n - 1, each once. */
export function readVocabulary(located: Located): string[] {
  const { value } = located;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw formatErrorAt(located, 'expected an object of token ids');
  }
  const entries = Object.entries(value);
  const tokens = new Array<string | undefined>(entries.length);
  for (const [token, id] of entries) {
    if (!Number.isInteger(id) || id < 0 || id >= entries.length || tokens[id] !== undefined) {
      const expected = `a distinct integer from 0 to ${entries.length - 1}`;
      throw formatErrorAt(
        located,
        `id of ${JSON.stringify(token)}: expected ${expected}, got ${JSON.stringify(id)}`,
      );
    }
    tokens[id] = token;
  }
  return tokens.filter((token) => token !== undefined);
}
