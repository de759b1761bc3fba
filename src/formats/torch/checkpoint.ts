/**
 * PyTorch's checkpoints (`torch.save`): since 1.6 a ZIP archive with `data.pkl` and a file for each storage; before, a
 * sequence of pickles followed by the storages. Nothing in them is run: names are matched against the few that tensors
 * and plain containers need, and anything else is refused.
 */
import { FormatError } from '../../core/index.js';
import type { TensorView } from '../safetensors.js';
import {
  SAFETENSORS_ARRAYS,
  type SafetensorsDType,
  type TensorDataConstructor,
} from '../safetensors-dtype.js';
import { type PickleMeaning, PickleName, PickleTuple, type PickleValue, unpickle } from './unpickle.js';
import { isZip, readStoredZip } from './zip.js';

/** Storage classes of PyTorch by the dtype of their elements. */
const STORAGES: ReadonlyMap<string, SafetensorsDType> = new Map([
  ['FloatStorage', 'F32'],
  ['DoubleStorage', 'F64'],
  ['HalfStorage', 'F16'],
  ['BFloat16Storage', 'BF16'],
  ['LongStorage', 'I64'],
  ['IntStorage', 'I32'],
  ['ShortStorage', 'I16'],
  ['CharStorage', 'I8'],
  ['ByteStorage', 'U8'],
  ['BoolStorage', 'BOOL'],
]);

const REBUILD_TENSOR = ['torch._utils._rebuild_tensor_v2', 'torch._utils._rebuild_tensor'];
const REBUILD_PARAMETER = 'torch._utils._rebuild_parameter';
const CONTAINERS = ['collections.OrderedDict', '__builtin__.dict', 'builtins.dict'];
const LISTS = ['torch.Size', '__builtin__.set', 'builtins.set'];

/** Keys under which training scripts keep the state dict beside other things. */
const STATE_KEYS = ['state_dict', 'model_state_dict', 'model'];

/** First bytes of the pickles of the format before 1.6: a number, a version, the machine. */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;
const LEGACY_MAGIC_BYTES = 10;

/** The elements of one storage, which tensors are views of. */
class Storage {
  constructor(
    readonly key: string,
    readonly dtype: SafetensorsDType,
    readonly length: number,
  ) {}
}

/** A tensor that a pickle describes. */
class LazyTensor {
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/** What the names in a checkpoint mean; storages are collected by key. */
class CheckpointMeaning implements PickleMeaning {
  readonly storages = new Map<string, Storage>();

  constructor(private readonly where: string) {}

  isAllowed({ module, name, full }: PickleName): boolean {
    const isStorage = STORAGES.has(name) && (module === 'torch' || module === 'torch.cuda');
    return isStorage || [...REBUILD_TENSOR, REBUILD_PARAMETER, ...CONTAINERS, ...LISTS].includes(full);
  }

  call(callable: PickleName, args: readonly PickleValue[]): PickleValue {
    if (REBUILD_TENSOR.includes(callable.full)) return this.tensor(args);
    const [first] = args;
    if (callable.full === REBUILD_PARAMETER && first instanceof LazyTensor) return first;
    if (CONTAINERS.includes(callable.full) && args.length === 0) return new Map();
    if (CONTAINERS.includes(callable.full) && Array.isArray(first)) return this.dictionary(first);
    if (LISTS.includes(callable.full)) return first instanceof PickleTuple ? [...first.items] : (first ?? []);
    throw new FormatError(`${this.where}: a call of '${callable.full}' that is not understood`);
  }

  persistent(id: PickleValue): PickleValue {
    const items = id instanceof PickleTuple ? id.items : [];
    const [kind, type, key, , length, view] = items;
    const dtype = type instanceof PickleName ? STORAGES.get(type.name) : undefined;
    if (kind !== 'storage' || typeof key !== 'string' || !dtype || !isSize(length)) {
      throw new FormatError(`${this.where}: expected the storage of a tensor`);
    }
    if (view !== undefined && view !== null) {
      throw new FormatError(`${this.where}: a view of a storage (PyTorch before 0.4): save the model again`);
    }
    const known = this.storages.get(key);
    if (known && (known.dtype !== dtype || known.length !== length)) {
      throw new FormatError(`${this.where}: the storage '${key}' is described twice, differently`);
    }
    const storage = known ?? new Storage(key, dtype, length);
    this.storages.set(key, storage);
    return storage;
  }

  private tensor([storage, offset, shape, strides]: readonly PickleValue[]): LazyTensor {
    const sizes = sizesOf(shape);
    const steps = sizesOf(strides);
    const fits = sizes && steps && sizes.length === steps.length;
    if (!(storage instanceof Storage) || !isSize(offset) || !fits) {
      throw new FormatError(`${this.where}: expected a tensor of (storage, offset, sizes, strides)`);
    }
    return new LazyTensor(storage, offset, sizes, steps);
  }

  private dictionary(pairs: readonly PickleValue[]): Map<PickleValue, PickleValue> {
    const entries = pairs.map((pair): [PickleValue, PickleValue] => {
      const items = pair instanceof PickleTuple ? pair.items : pair;
      if (Array.isArray(items) && items.length === 2) return [items[0], items[1]];
      throw new FormatError(`${this.where}: expected pairs of a dictionary`);
    });
    return new Map(entries);
  }
}

function isSize(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function sizesOf(value: PickleValue | undefined): readonly number[] | undefined {
  const items: readonly PickleValue[] | undefined =
    value instanceof PickleTuple ? value.items : Array.isArray(value) ? value : undefined;
  return items?.every(isSize) ? items.filter(isSize) : undefined;
}

/** Reads the tensors of a PyTorch checkpoint by name; throws a FormatError for whatever is not tensors in plain containers. */
export function decodeTorch(bytes: Uint8Array, where: string): Map<string, TensorView> {
  const { value, bytesOf } = isZip(bytes) ? readZip(bytes, where) : readLegacy(bytes, where);
  const tensors = new Map<string, TensorView>();
  for (const [name, tensor] of namedTensors(value, where)) {
    tensors.set(name, materialise(tensor, bytesOf(tensor.storage), `${where}: tensor '${name}'`));
  }
  return tensors;
}

interface Contents {
  readonly value: PickleValue;
  readonly bytesOf: (storage: Storage) => Uint8Array;
}

function readZip(bytes: Uint8Array, where: string): Contents {
  const files = readStoredZip(bytes, where);
  const pickleName = [...files.keys()].find((name) => name === 'data.pkl' || name.endsWith('/data.pkl'));
  const pickle = pickleName === undefined ? undefined : files.get(pickleName);
  if (pickleName === undefined || !pickle) {
    throw new FormatError(`${where}: expected a PyTorch checkpoint, the archive holds no data.pkl`);
  }
  const folder = pickleName.slice(0, -'data.pkl'.length);
  const order = files.get(`${folder}byteorder`);
  if (order && new TextDecoder().decode(order) !== 'little') {
    throw new FormatError(`${where}: expected little-endian storages`);
  }
  const meaning = new CheckpointMeaning(where);
  const { value } = unpickle(pickle, meaning, where);
  return {
    value,
    bytesOf: ({ key }) => {
      const file = files.get(`${folder}data/${key}`);
      if (file) return file;
      throw new FormatError(`${where}: the storage '${key}' is missing`);
    },
  };
}

/** Magic number, version and machine as pickles; the object; the keys of its storages; the storages, sizes first. */
function readLegacy(bytes: Uint8Array, where: string): Contents {
  const afterMagic = legacyMagicEnd(bytes, where);
  const meaning = new CheckpointMeaning(where);
  const version = unpickle(bytes, meaning, where, afterMagic);
  const machine = unpickle(bytes, meaning, where, version.end);
  if (!(machine.value instanceof Map) || machine.value.get('little_endian') !== true) {
    throw new FormatError(`${where}: expected a checkpoint of a little-endian machine`);
  }
  const main = unpickle(bytes, meaning, where, machine.end);
  const keys = unpickle(bytes, meaning, where, main.end);
  const storages = legacyStorages(bytes, keys, meaning.storages, where);
  return {
    value: main.value,
    bytesOf: ({ key }) => {
      const found = storages.get(key);
      if (found) return found;
      throw new FormatError(`${where}: the storage '${key}' is missing`);
    },
  };
}

/** The magic number is a pickle of its own: PROTO, LONG1 of ten bytes, STOP. */
function legacyMagicEnd(bytes: Uint8Array, where: string): number {
  const start = bytes[0] === 0x80 ? 2 : 0;
  const digits = bytes.subarray(start + 2, start + 2 + LEGACY_MAGIC_BYTES);
  const magic = digits.reduce((sum, byte, index) => sum + (BigInt(byte) << BigInt(8 * index)), 0n);
  if (bytes[start] === 0x8a && bytes[start + 1] === LEGACY_MAGIC_BYTES && magic === LEGACY_MAGIC) {
    return start + 2 + LEGACY_MAGIC_BYTES + 1;
  }
  throw new FormatError(
    `${where}: expected a PyTorch checkpoint: a ZIP archive, or the magic number of torch.save`,
  );
}

function legacyStorages(
  bytes: Uint8Array,
  keys: { readonly value: PickleValue; readonly end: number },
  storages: ReadonlyMap<string, Storage>,
  where: string,
): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  let offset = keys.end;
  for (const key of Array.isArray(keys.value) ? keys.value : []) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (!storage) throw new FormatError(`${where}: a storage that no tensor mentions`);
    const sizeBytes = storage.length * SAFETENSORS_ARRAYS[storage.dtype].BYTES_PER_ELEMENT;
    if (offset + 8 + sizeBytes > bytes.length) {
      throw new FormatError(`${where}: the storage '${storage.key}' is cut short`);
    }
    const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(offset, true);
    if (length !== BigInt(storage.length)) {
      throw new FormatError(
        `${where}: the storage '${storage.key}': ${storage.length} elements, then ${length}`,
      );
    }
    found.set(storage.key, bytes.subarray(offset + 8, offset + 8 + sizeBytes));
    offset += 8 + sizeBytes;
  }
  return found;
}

/** The tensors of a state dict: the value itself, or the dictionary it keeps under one of the usual keys. */
function namedTensors(value: PickleValue, where: string): [string, LazyTensor][] {
  if (!(value instanceof Map)) throw new FormatError(`${where}: expected a dictionary of tensors`);
  const candidates = [value, ...STATE_KEYS.map((key) => value.get(key))];
  for (const candidate of candidates) {
    const tensors = candidate instanceof Map ? tensorsOf(candidate) : [];
    if (tensors.length > 0) return tensors;
  }
  throw new FormatError(`${where}: the checkpoint holds no tensors`);
}

function tensorsOf(dictionary: ReadonlyMap<unknown, unknown>): [string, LazyTensor][] {
  return [...dictionary].flatMap(([name, tensor]): [string, LazyTensor][] =>
    typeof name === 'string' && tensor instanceof LazyTensor ? [[name, tensor]] : [],
  );
}

/** The values of a tensor in row-major order: a view of its storage where it is one already, a copy where it is not. */
function materialise(
  { storage, offset, shape, strides }: LazyTensor,
  bytes: Uint8Array,
  where: string,
): TensorView {
  const { dtype } = storage;
  const width = SAFETENSORS_ARRAYS[dtype].BYTES_PER_ELEMENT;
  if (bytes.length < storage.length * width) {
    throw new FormatError(`${where}: its storage needs ${storage.length * width} bytes, has ${bytes.length}`);
  }
  const count = shape.reduce((product, size) => product * size, 1);
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * (strides[axis] as number), offset);
  if (count > 0 && (count > storage.length || last >= storage.length)) {
    throw new FormatError(
      `${where}: [${shape}] with strides [${strides}] from ${offset} on does not lie in ${storage.length} elements`,
    );
  }
  if (count === 0) return { dtype, shape, data: viewOf(dtype, new Uint8Array(0), 0) };
  const span = bytes.subarray(offset * width, (last + 1) * width);
  const ordered = isContiguous(shape, strides) ? span : rowMajor(span, width, { shape, strides });
  const aligned = ordered.byteOffset % width === 0 ? ordered : ordered.slice();
  return { dtype, shape, data: viewOf(dtype, aligned, count) };
}

function viewOf(dtype: SafetensorsDType, bytes: Uint8Array, length: number): TensorView['data'] {
  const Values: TensorDataConstructor = SAFETENSORS_ARRAYS[dtype];
  return new Values(bytes.buffer, bytes.byteOffset, length);
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis] as number;
  }
  return true;
}

/** The elements of a tensor copied one by one in row-major order. */
function rowMajor(
  elements: Uint8Array,
  width: number,
  { shape, strides }: Pick<LazyTensor, 'shape' | 'strides'>,
): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const out = new Uint8Array(count * width);
  const place = new Array<number>(shape.length).fill(0);
  for (let flat = 0; flat < count; flat++) {
    const source = place.reduce((sum, index, axis) => sum + index * (strides[axis] as number), 0);
    out.set(elements.subarray(source * width, (source + 1) * width), flat * width);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place[axis] = (place[axis] as number) + 1;
      if ((place[axis] as number) < (shape[axis] as number)) break;
      place[axis] = 0;
    }
  }
  return out;
}
