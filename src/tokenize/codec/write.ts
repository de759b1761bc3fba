import type { TokenizerJson } from './schema.js';

/**
 * The text of `tokenizer.json`, indented as Python `tokenizers` indents it. The vocabulary is in order of id,
 * which JSON.stringify alone would not give: it puts tokens that look like integers first.
 */
export function formatTokenizerJson(json: TokenizerJson): string {
  const entries = Object.entries(json.model.vocab).sort(([, a], [, b]) => a - b);
  const vocabulary = entries.map(([token, id]) => `      ${JSON.stringify(token)}: ${id}`).join(',\n');
  // Last in the file, as the model and its vocabulary are last: nothing before it needs to be searched.
  const rest = JSON.stringify({ ...json, model: { ...json.model, vocab: {} } }, undefined, 2);
  const end = rest.lastIndexOf('{}');
  return `${rest.slice(0, end)}{\n${vocabulary}\n    }${rest.slice(end + 2)}`;
}
