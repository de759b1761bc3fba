import { DataError } from '../../core/index.js';
import { type ColumnKind, kindOfString } from './columns.js';
import type { CorpusFile } from './files.js';
import { type JsonObject, memberTexts, parseJsonLine } from './json-line.js';
import { MOST_RECORD_LENGTH, type TableRecord } from './table-record.js';
import { linesOf } from './text.js';

/** The records of a JSONL file: its lines that are not empty. Throws a DataError for a line that is no JSON object, or is too long. */
export async function* jsonRecords(file: CorpusFile): AsyncGenerator<TableRecord, void> {
  let number = 0;
  for await (const line of linesOf(file, MOST_RECORD_LENGTH)) {
    number++;
    if (line.trim() === '') continue;
    const place = `'${file.path}', line ${number}`;
    const object = parseJsonLine(line);
    if (!object) throw new DataError(`${place}: expected a JSON object`);
    yield new JsonRecord(line, object, place);
  }
}

class JsonRecord implements TableRecord {
  constructor(
    private readonly line: string,
    private readonly object: JsonObject,
    private readonly place: string,
  ) {}

  get names(): readonly string[] {
    return Object.keys(this.object);
  }

  get length(): number {
    return this.line.length;
  }

  kindOf(name: string): ColumnKind | undefined {
    const value = this.object[name];
    if (value === null) return undefined;
    if (typeof value === 'string') return kindOfString(value);
    if (typeof value === 'number') return 'number';
    return typeof value === 'boolean' ? 'boolean' : 'nested';
  }

  textOf(name: string): string | undefined {
    // What every object has by its prototype is no member of it.
    if (!Object.hasOwn(this.object, name)) return undefined;
    this.assertOnce(name);
    const value = this.object[name];
    if (value === null) return undefined;
    if (typeof value !== 'string') return memberTexts(this.line, name)[0];
    if (this.hasEscapes && /\p{Surrogate}/u.test(value)) {
      throw new DataError(`${this.place}: '${name}' has half of a surrogate pair; expected Unicode text`);
    }
    return value;
  }

  /** JSON leaves open which of two values of one name counts. */
  private assertOnce(name: string): void {
    const key = JSON.stringify(name);
    const first = this.line.indexOf(key);
    const mayRepeat = this.hasEscapes || this.line.indexOf(key, first + key.length) !== -1;
    if (mayRepeat && memberTexts(this.line, name).length > 1) {
      throw new DataError(`${this.place}: the object has the key '${name}' twice`);
    }
  }

  private get hasEscapes(): boolean {
    return this.line.includes('\\u');
  }
}
