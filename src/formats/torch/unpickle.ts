import { PickleReader } from './pickle-reader.js';

/** A name that a pickle mentions; nothing is ever looked up by it. */
export class PickleName {
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}

  get full(): string {
    return `${this.module}.${this.name}`;
  }
}

/** A tuple, which a pickle may use as arguments or as a key. */
export class PickleTuple {
  constructor(readonly items: readonly PickleValue[]) {}
}

/** What an opaque object of the caller's looks like here. */
export type Opaque = object;

/** Everything that a pickle may hold: plain data, names, and what the caller makes of calls and persistent ids. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | PickleName
  | PickleTuple
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | Set<PickleValue>
  | Opaque;

/** What the caller makes of the two things that are not plain data. Each throws for what it does not know. */
export interface PickleMeaning {
  /** A name that the pickle loads, such as `torch._utils._rebuild_tensor_v2`; refused unless it is allowed. */
  isAllowed(name: PickleName): boolean;
  /** `callable(*args)`: no code runs but this function. */
  call(callable: PickleName, args: readonly PickleValue[]): PickleValue;
  /** What stands for a persistent id, such as the storage of a tensor. */
  persistent(id: PickleValue): PickleValue;
}

const MAX_VALUES = 10_000_000;

/** The stack marker of the format. */
const MARK = Symbol('mark');
type StackEntry = PickleValue | typeof MARK;

/** The state of one pickle: a stack, and values remembered by number. */
class Machine {
  readonly stack: StackEntry[] = [];
  readonly memo = new Map<number, PickleValue>();

  constructor(
    readonly reader: PickleReader,
    readonly meaning: PickleMeaning,
  ) {}

  push(value: StackEntry): void {
    if (this.stack.length >= MAX_VALUES) this.reader.fail(`more than ${MAX_VALUES} values`);
    this.stack.push(value);
  }

  pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined || value === MARK) return this.reader.fail('expected a value on the stack');
    return value as PickleValue;
  }

  top(): PickleValue {
    const value = this.stack.at(-1);
    if (value === undefined || value === MARK) return this.reader.fail('expected a value on the stack');
    return value as PickleValue;
  }

  /** The values above the last marker, which go with it. */
  popToMark(): PickleValue[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark === -1) return this.reader.fail('expected a marker on the stack');
    const values = this.stack.splice(mark);
    return values.slice(1) as PickleValue[];
  }

  remember(index: number): void {
    if (this.memo.size >= MAX_VALUES) this.reader.fail(`more than ${MAX_VALUES} values`);
    this.memo.set(index, this.top());
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) this.reader.fail(`value ${index} was not remembered`);
    this.push(value as PickleValue);
  }

  load(module: string, name: string): void {
    const loaded = new PickleName(module, name);
    if (!this.meaning.isAllowed(loaded)) {
      this.reader.fail(
        `it loads '${loaded.full}', which is no tensor or plain container: refused, nothing was run`,
      );
    }
    this.push(loaded);
  }

  reduce(): void {
    const args = this.pop();
    const callable = this.pop();
    if (!(callable instanceof PickleName) || !(args instanceof PickleTuple)) {
      this.reader.fail('expected a call of a name with a tuple');
    }
    this.push(this.meaning.call(callable as PickleName, (args as PickleTuple).items));
  }

  setItems(pairs: readonly PickleValue[]): void {
    const target = this.top();
    if (!(target instanceof Map) || pairs.length % 2 !== 0)
      this.reader.fail('expected items of a dictionary');
    for (let index = 0; index < pairs.length; index += 2) {
      (target as Map<PickleValue, PickleValue>).set(
        pairs[index] as PickleValue,
        pairs[index + 1] as PickleValue,
      );
    }
  }

  append(values: readonly PickleValue[]): void {
    const target = this.top();
    if (target instanceof Set) for (const value of values) target.add(value);
    else if (Array.isArray(target)) for (const value of values) target.push(value);
    else this.reader.fail('expected a list to append to');
  }

  /** BUILD sets attributes of an object: those of a dictionary (`_metadata` of a state dict) say nothing of tensors. */
  build(): void {
    this.pop();
    if (!(this.top() instanceof Map))
      this.reader.fail('it sets attributes of something that is no dictionary');
  }
}

type Opcode = (machine: Machine, reader: PickleReader) => void;

/** Every opcode that is carried out, by its byte (Python's pickletools); any other is refused. */
const OPCODE_LIST: readonly (readonly [string, Opcode])[] = [
  ['\x80', (_, reader) => void reader.uint8()], // PROTO
  ['\x95', (_, reader) => void reader.size64()], // FRAME
  ['(', (machine) => machine.push(MARK)],
  ['0', (machine) => void machine.pop()],
  ['1', (machine) => void machine.popToMark()],
  ['2', (machine) => machine.push(machine.top())],
  ['N', (machine) => machine.push(null)],
  ['\x88', (machine) => machine.push(true)],
  ['\x89', (machine) => machine.push(false)],
  ['I', (machine, reader) => machine.push(reader.decimal())],
  ['L', (machine, reader) => machine.push(reader.decimal())],
  ['F', (machine, reader) => machine.push(reader.decimal())],
  ['J', (machine, reader) => machine.push(reader.int32())],
  ['K', (machine, reader) => machine.push(reader.uint8())],
  ['M', (machine, reader) => machine.push(reader.uint16())],
  ['\x8a', (machine, reader) => machine.push(reader.long(reader.uint8()))], // LONG1
  ['G', (machine, reader) => machine.push(reader.float64())],
  ['U', (machine, reader) => machine.push(reader.text(reader.uint8()))], // SHORT_BINSTRING
  ['T', (machine, reader) => machine.push(reader.text(reader.uint32()))], // BINSTRING
  ['\x8c', (machine, reader) => machine.push(reader.text(reader.uint8()))], // SHORT_BINUNICODE
  ['X', (machine, reader) => machine.push(reader.text(reader.uint32()))], // BINUNICODE
  ['\x8d', (machine, reader) => machine.push(reader.text(reader.size64()))], // BINUNICODE8
  ['V', (machine, reader) => machine.push(reader.line())], // UNICODE
  ['C', (machine, reader) => machine.push(reader.take(reader.uint8()))], // SHORT_BINBYTES
  ['B', (machine, reader) => machine.push(reader.take(reader.uint32()))], // BINBYTES
  ['\x8e', (machine, reader) => machine.push(reader.take(reader.size64()))], // BINBYTES8
  [']', (machine) => machine.push([])],
  ['l', (machine) => machine.push(machine.popToMark())],
  ['a', (machine) => appendOne(machine)],
  ['e', (machine) => machine.append(machine.popToMark())],
  [')', (machine) => machine.push(new PickleTuple([]))],
  ['t', (machine) => machine.push(new PickleTuple(machine.popToMark()))],
  ['\x85', (machine) => tuple(machine, 1)],
  ['\x86', (machine) => tuple(machine, 2)],
  ['\x87', (machine) => tuple(machine, 3)],
  ['}', (machine) => machine.push(new Map())],
  ['d', (machine) => dictionary(machine)],
  ['s', (machine) => setOne(machine)],
  ['u', (machine) => machine.setItems(machine.popToMark())],
  ['\x8f', (machine) => machine.push(new Set())], // EMPTY_SET
  ['\x90', (machine) => machine.append(machine.popToMark())], // ADDITEMS
  ['p', (machine, reader) => machine.remember(reader.decimal())],
  ['q', (machine, reader) => machine.remember(reader.uint8())],
  ['r', (machine, reader) => machine.remember(reader.uint32())],
  ['\x94', (machine) => machine.remember(machine.memo.size)], // MEMOIZE
  ['g', (machine, reader) => machine.recall(reader.decimal())],
  ['h', (machine, reader) => machine.recall(reader.uint8())],
  ['j', (machine, reader) => machine.recall(reader.uint32())],
  ['c', (machine, reader) => machine.load(reader.line(), reader.line())], // GLOBAL
  ['\x93', (machine, reader) => stackGlobal(machine, reader)],
  ['R', (machine) => machine.reduce()],
  ['b', (machine) => machine.build()],
  ['P', (machine, reader) => machine.push(machine.meaning.persistent(reader.line()))], // PERSID
  ['Q', (machine) => machine.push(machine.meaning.persistent(machine.pop()))], // BINPERSID
];

const OPCODES = new Map(OPCODE_LIST.map(([byte, opcode]) => [byte.charCodeAt(0), opcode]));

function tuple(machine: Machine, count: number): void {
  const items: PickleValue[] = [];
  for (let index = 0; index < count; index++) items.unshift(machine.pop());
  machine.push(new PickleTuple(items));
}

function appendOne(machine: Machine): void {
  const value = machine.pop();
  machine.append([value]);
}

function setOne(machine: Machine): void {
  const value = machine.pop();
  const key = machine.pop();
  machine.setItems([key, value]);
}

function dictionary(machine: Machine): void {
  const items = machine.popToMark();
  machine.push(new Map());
  machine.setItems(items);
}

function stackGlobal(machine: Machine, reader: PickleReader): void {
  const name = machine.pop();
  const module = machine.pop();
  if (typeof name !== 'string' || typeof module !== 'string') reader.fail('expected a name and its module');
  machine.load(module as string, name as string);
}

const STOP = '.'.charCodeAt(0);

/**
 * Reads one pickle (protocols 0 to 5) without running anything: plain data, and what `meaning` makes of names it allows,
 * of calls of them, and of persistent ids. Any other opcode or name is refused by a FormatError that names it. Time and
 * memory are bounded by the length of `bytes`. Returns the value and the offset just behind the pickle.
 */
export function unpickle(
  bytes: Uint8Array,
  meaning: PickleMeaning,
  where: string,
  start = 0,
): { readonly value: PickleValue; readonly end: number } {
  const reader = new PickleReader(bytes, where, start);
  const machine = new Machine(reader, meaning);
  for (;;) {
    const byte = reader.uint8();
    if (byte === STOP) return { value: machine.pop(), end: reader.position };
    const opcode = OPCODES.get(byte);
    if (!opcode) reader.fail(`the opcode 0x${byte.toString(16)} is refused: it is not one of plain data`);
    opcode?.(machine, reader);
  }
}
