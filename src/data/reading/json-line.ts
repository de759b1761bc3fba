/** An object of JSON: its keys are its own properties. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The object that a line holds, or undefined where it holds none. As DuckDB does, it takes what Python writes for numbers that
 * are none (`NaN`, `Infinity`), which count as missing, and a comma after a last member.
 */
export function parseJsonLine(line: string): JsonObject | undefined {
  const value = parsed(line) ?? parsed(withoutExtensions(line));
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const withoutExtensions = (line: string) =>
  mapParts(
    line,
    (outside) =>
      outside
        .replace(/,(?=\s*[}\]])/g, '')
        .replace(/(?<=[[:,\s])-?(?:NaN|Infinity|Inf)(?=[,}\]\s])/gi, 'null'),
    (string) => string,
  );

/** The values of all members of this name of a JSON object, as text without white space between its parts; numbers as they stand. */
export function memberTexts(object: string, name: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let key: unknown;
  let start = 0;
  for (let at = 0; at < object.length; at++) {
    const character = object[at];
    if (character === '"') {
      const end = stringEnd(object, at);
      if (depth === 1 && key === undefined) key = JSON.parse(object.slice(at, end));
      at = end - 1;
    } else if (character === ':' && depth === 1) start = at + 1;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    const endsMember = (character === ',' && depth === 1) || (character === '}' && depth === 0);
    if (!endsMember) continue;
    if (key === name) found.push(compact(object.slice(start, at)));
    key = undefined;
  }
  return found;
}

/** Without white space, and with no more escapes than needed. */
const compact = (json: string) =>
  mapParts(
    json,
    (outside) => outside.replace(/\s+/g, '').replace(/,(?=[}\]])/g, ''),
    (string) => JSON.stringify(JSON.parse(string)),
  );

type MapText = (text: string) => string;

/** Maps what stands outside of strings, and the strings with their quotes. */
function mapParts(json: string, mapOutside: MapText, mapString: MapText): string {
  const parts: string[] = [];
  for (let at = 0; at < json.length; ) {
    const quote = json.indexOf('"', at);
    if (quote === -1) {
      parts.push(mapOutside(json.slice(at)));
      break;
    }
    const end = stringEnd(json, quote);
    parts.push(mapOutside(json.slice(at, quote)), mapString(json.slice(quote, end)));
    at = end;
  }
  return parts.join('');
}

/** Behind the closing quote of a string that begins at `start`. */
function stringEnd(json: string, start: number): number {
  let quote = json.indexOf('"', start + 1);
  while (quote !== -1 && isEscaped(json, quote)) quote = json.indexOf('"', quote + 1);
  return quote === -1 ? json.length : quote + 1;
}

function isEscaped(json: string, at: number): boolean {
  let before = at;
  while (json[before - 1] === '\\') before--;
  return (at - before) % 2 === 1;
}
