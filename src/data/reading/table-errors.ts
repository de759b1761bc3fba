import { ConfigError, DataError, errorMessage } from '../../core/index.js';
import type { CorpusFile } from './files.js';
import { parseJsonLine } from './json-line.js';
import { linesOf } from './text.js';

/** Of what DuckDB says. */
const MOST_CHARACTERS = 300;

/** Does what DuckDB is asked to do. Throws a ConfigError for a condition that is none, and a DataError that says what is wrong with the file. */
export async function attempt<Result>(
  file: CorpusFile,
  action: () => Promise<Result>,
  where?: string,
): Promise<Result> {
  try {
    return await action();
  } catch (cause) {
    const message = factsOf(errorMessage(cause));
    const { path, format } = file;
    if (where !== undefined && /(?:Binder|Parser|Conversion|Catalog) Error/.test(message)) {
      throw new ConfigError(`--where ${where}: ${message}`, { cause });
    }
    const line = format === 'jsonl' && !file.isPipe ? await malformedLine(file) : undefined;
    if (line !== undefined) throw new DataError(`'${path}', line ${line}: expected a JSON object`, { cause });
    throw new DataError(`'${path}' cannot be read as ${format}: ${message}`, { cause });
  }
}

/** The first line that is no JSON object, from 1: DuckDB counts otherwise. */
async function malformedLine(file: CorpusFile): Promise<number | undefined> {
  let number = 0;
  for await (const line of linesOf(file)) {
    number++;
    if (line.trim() !== '' && !parseJsonLine(line)) return number;
  }
  return undefined;
}

/** What DuckDB says, without its advice and its drawing of the query. */
function factsOf(message: string): string {
  // The line itself may be as long as the file.
  const without = message.replace(
    /\nOriginal Line: [\s\S]*?\n(?=(?:Error|Expected|Invalid|Maximum|The|Value) )/,
    '\n',
  );
  const [facts = ''] = without.split(/\n\s*\n|\nLINE \d|\n\s*(?:Possible|Try) /);
  const line = facts.trim().replaceAll(/\s*\n\s*/g, '; ');
  return line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS)}...`;
}
