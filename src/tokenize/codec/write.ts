import type { JsonValue, ModelJson, TokenizerJson } from './schema.js';

/**
 * The text of `tokenizer.json`, indented as Python `tokenizers` indents it. A vocabulary of ids is in order of
 * id, which JSON.stringify alone would not give: it puts tokens that look like integers first.
 */
export function formatTokenizerJson({ model, ...envelope }: TokenizerJson): string {
  const head = JSON.stringify(envelope, undefined, 2).slice(0, -'\n}'.length);
  return `${head},\n  "model": ${formatModel(model)}\n}`;
}

function formatModel(model: ModelJson): string {
  const fields = Object.entries(model).map(([field, value]) => {
    const text =
      field === 'vocab' && !isList(model.vocab)
        ? formatVocabulary(model.vocab)
        : JSON.stringify(value, undefined, 2);
    return `    ${JSON.stringify(field)}: ${text.replaceAll('\n', '\n    ')}`;
  });
  return `{\n${fields.join(',\n')}\n  }`;
}

function isList(vocabulary: ModelJson['vocab']): vocabulary is readonly JsonValue[] {
  return Array.isArray(vocabulary);
}

function formatVocabulary(vocabulary: Readonly<Record<string, number>>): string {
  const entries = Object.entries(vocabulary).sort(([, a], [, b]) => a - b);
  return `{\n${entries.map(([token, id]) => `  ${JSON.stringify(token)}: ${id}`).join(',\n')}\n}`;
}
