/**
 * AdamW over a stretch of floats in WebAssembly, four at a time: one pass over memory where a graph needs thirteen.
 * The module is written out below, instruction by instruction; IEEE single precision, so the same bits everywhere.
 */

/** A stretch of memory, and the scalars of `adamWScalars` and `AdamWOptions`. Addresses are bytes, divisible by 16. */
export type AdamWKernel = (
  parameter: number,
  first: number,
  second: number,
  gradient: number,
  /** Where the gradient ends; at least one group of four lies before it. */
  gradientEnd: number,
  beta1: number,
  beta2: number,
  /** What the gradient is multiplied by. */
  gradientScale: number,
  stepSize: number,
  epsilon: number,
  retained: number,
) => void;

/** What is used of WebAssembly here; the language's own library does not declare it. */
interface WasmMemory {
  readonly buffer: ArrayBuffer;
}
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number; maximum: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { exports: Record<string, unknown> };
};

export const WASM_PAGE_BYTES = 2 ** 16;
export const MOST_WASM_PAGES = 2 ** 16;

export function wasmMemory(pages: number): WasmMemory {
  return new WebAssembly.Memory({ initial: pages, maximum: pages });
}

export function adamWKernel(memory: WasmMemory): AdamWKernel {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()), { lacuna: { memory } });
  return instance.exports.adamw as AdamWKernel;
}

// Value types and instructions, by their byte (WebAssembly core specification 2.0, chapter 5).
const I32 = 0x7f;
const F32 = 0x7d;
const V128 = 0x7b;
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const tee = (local: number) => [0x22, local];
const simd = (opcode: number) => [0xfd, ...leb128(opcode)];
const load = [...simd(0x00), 4, 0];
const store = [...simd(0x0b), 4, 0];
const splat = simd(0x13);
const [squareRoot, sum, difference, product, quotient] = [0xe3, 0xe4, 0xe5, 0xe6, 0xe7].map(simd) as [
  number[],
  number[],
  number[],
  number[],
  number[],
];
const LOOP = [0x03, 0x40];
const BRANCH_IF = [0x0d, 0];
const END = [0x0b];
const LESS = [0x49];
const advance = (local: number) => [...get(local), 0x41, 16, 0x6a, ...set(local)];

// Locals: the parameters of the function, then the scalars in all four lanes, then three intermediate values.
const [PARAMETER, FIRST, SECOND, GRADIENT, GRADIENT_END] = [0, 1, 2, 3, 4];
const SCALARS = [5, 6, 7, 8, 9, 10] as const;
const [BETA1, BETA2, SCALE, STEP_SIZE, EPSILON, RETAINED] = [11, 12, 13, 14, 15, 16];
const [SLOPE, NEXT_FIRST, NEXT_SECOND] = [17, 18, 19];

const BODY = [
  ...SCALARS.flatMap((scalar, index) => [...get(scalar), ...splat, ...set(BETA1 + index)]),
  ...LOOP,
  // slope = scale * gradient
  ...[...get(GRADIENT), ...load, ...get(SCALE), ...product, ...set(SLOPE)],
  // first = beta1 * first + slope
  ...[...get(FIRST), ...get(FIRST), ...load, ...get(BETA1), ...product],
  ...[...get(SLOPE), ...sum, ...tee(NEXT_FIRST), ...store],
  // second = beta2 * second + slope * slope
  ...[...get(SECOND), ...get(SECOND), ...load, ...get(BETA2), ...product],
  ...[...get(SLOPE), ...get(SLOPE), ...product, ...sum, ...tee(NEXT_SECOND), ...store],
  // parameter = retained * parameter - stepSize * first / (sqrt(second) + epsilon)
  ...[...get(PARAMETER), ...get(PARAMETER), ...load, ...get(RETAINED), ...product],
  ...[...get(NEXT_FIRST), ...get(NEXT_SECOND), ...squareRoot, ...get(EPSILON), ...sum, ...quotient],
  ...[...get(STEP_SIZE), ...product, ...difference, ...store],
  ...[PARAMETER, FIRST, SECOND, GRADIENT].flatMap(advance),
  ...[...get(GRADIENT), ...get(GRADIENT_END), ...LESS, ...BRANCH_IF],
  ...END,
];

function moduleBytes(): Uint8Array {
  const parameters = [I32, I32, I32, I32, I32, F32, F32, F32, F32, F32, F32];
  const locals = [1, 9, V128];
  const code = [...locals, ...BODY, ...END];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, parameters.length, ...parameters, 0]),
    ...section(2, [1, ...text('lacuna'), ...text('memory'), 0x02, 0x00, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text('adamw'), 0x00, 0]),
    ...section(10, [1, ...leb128(code.length), ...code]),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...leb128(content.length), ...content];
}

function text(value: string): number[] {
  return [value.length, ...Buffer.from(value, 'ascii')];
}

/** An unsigned integer in groups of seven bits. */
function leb128(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...leb128(Math.floor(value / 128))];
}
