import { errorMessage, FormatError } from '../core/index.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Index just past the string that opens at `start`, in text that is known to be JSON. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (text.charCodeAt(index) !== QUOTE) index += text.charCodeAt(index) === BACKSLASH ? 2 : 1;
  return index + 1;
}

/** The first key that an object in `text` holds twice, or undefined; `text` is known to be JSON. */
function findDuplicateKey(text: string): string | undefined {
  const objects: (Set<string> | undefined)[] = []; // one entry for each open bracket; arrays have no keys
  let keyExpected = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    const keys = objects.at(-1);
    if (character === '"') {
      const end = endOfString(text, index);
      if (keyExpected && keys) {
        const key: unknown = JSON.parse(text.slice(index, end));
        if (keys.has(String(key))) return String(key);
        keys.add(String(key));
      }
      keyExpected = false;
      index = end - 1;
    } else if (character === '{' || character === '[') {
      objects.push(character === '{' ? new Set() : undefined);
      keyExpected = character === '{';
    } else if (character === '}' || character === ']') {
      objects.pop();
      keyExpected = false;
    } else if (character === ',') {
      keyExpected = keys !== undefined;
    }
  }
  return undefined;
}

/**
 * Parses UTF-8 JSON strictly. Throws a FormatError that begins with `where` for invalid UTF-8, invalid JSON and a
 * key that occurs twice in one object (of which JSON.parse would silently keep the last).
 */
export function parseJson(bytes: Uint8Array, where: string): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new FormatError(`${where}: expected JSON in UTF-8, got bytes that are not UTF-8`, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(`${where}: expected JSON: ${errorMessage(cause).replace(/\s+/g, ' ')}`, { cause });
  }
  const duplicate = findDuplicateKey(text);
  if (duplicate !== undefined) {
    throw new FormatError(`${where}: the key ${JSON.stringify(duplicate)} occurs twice in one object`);
  }
  return value;
}
