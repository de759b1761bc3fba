import { BackendError, sizeOf } from '../core/index.js';
import type { AdamWScalars } from '../graph/index.js';
import {
  type AdamWKernel,
  adamWKernel,
  MOST_WASM_PAGES,
  WASM_PAGE_BYTES,
  wasmMemory,
} from './adamw-kernel.js';
import type { AdamWSetup } from './protocol.js';

/** Floats of a gradient that are copied into reach of the kernel at a time: they stay in the first caches. */
const CHUNK = 2 ** 13;
const FLOAT_BYTES = 4;
/** Stretches begin at multiples of this many bytes. */
const ALIGNMENT = 64;

/** Where a parameter and its moments lie, in bytes. */
interface Place {
  readonly parameter: number;
  readonly first: number;
  readonly second: number;
}

/**
 * Parameters and moments in one block of memory, updated in place by AdamW (Loshchilov & Hutter 2019, algorithm 2, with
 * decoupled decay); sessions read the parameters where they lie.
 */
export class AdamWState {
  /** Everything kept here, by name: windows on the block. */
  readonly tensors: ReadonlyMap<string, Float32Array>;
  private readonly buffer: ArrayBuffer;
  private readonly kernel: AdamWKernel;
  private readonly places = new Map<string, Place>();

  constructor({ updates }: AdamWSetup) {
    let end = CHUNK * FLOAT_BYTES;
    const spans = new Map<string, { readonly start: number; readonly length: number }>();
    const take = (name: string, length: number): number => {
      const start = end;
      end += Math.ceil((length * FLOAT_BYTES) / ALIGNMENT) * ALIGNMENT;
      spans.set(name, { start, length });
      return start;
    };
    for (const { parameter, first, second, shape } of updates) {
      const size = sizeOf(shape);
      this.places.set(parameter, {
        parameter: take(parameter, size),
        first: take(first, size),
        second: take(second, size),
      });
    }
    const pages = Math.ceil(end / WASM_PAGE_BYTES);
    if (pages > MOST_WASM_PAGES) {
      throw new BackendError(
        `parameters and moments take ${(end / 2 ** 30).toFixed(1)} GiB, more than the 4 GiB that training can hold; choose a smaller model`,
      );
    }
    const memory = wasmMemory(pages);
    this.buffer = memory.buffer;
    this.kernel = adamWKernel(memory);
    this.tensors = new Map(
      [...spans].map(([name, { start, length }]) => [name, new Float32Array(this.buffer, start, length)]),
    );
  }

  /** Sets a parameter or a moment. Throws a BackendError unless there is one of that name and size. */
  write(name: string, values: Float32Array): void {
    const own = this.tensors.get(name);
    if (own?.length !== values.length) {
      throw new BackendError(`'${name}' has ${own?.length ?? 'no'} values, got ${values.length}`);
    }
    own.set(values);
  }

  /** One step on the named gradients; `gradientScale` is what they are multiplied by first. */
  update(
    { updates, beta1, beta2 }: AdamWSetup,
    gradients: (output: string) => Float32Array,
    gradientScale: number,
    { stepSize, epsilon, retained }: AdamWScalars,
  ): void {
    for (const { parameter, gradient, decays } of updates) {
      const place = this.places.get(parameter) as Place;
      const slopes = gradients(gradient);
      const kept = decays ? retained : 1;
      for (let start = 0; start < slopes.length; start += CHUNK) {
        const bytes = start * FLOAT_BYTES;
        const end = this.fill(slopes.subarray(start, start + CHUNK));
        this.kernel(
          place.parameter + bytes,
          place.first + bytes,
          place.second + bytes,
          0,
          end,
          beta1,
          beta2,
          gradientScale,
          stepSize,
          epsilon,
          kept,
        );
      }
    }
  }

  /** Puts part of a gradient in front of the block, filled up with zeros to a group of four; returns where it ends. */
  private fill(part: Float32Array): number {
    const end = Math.ceil(part.length / 4) * 4;
    const window = new Float32Array(this.buffer, 0, end);
    window.set(part);
    window.fill(0, part.length);
    return end * FLOAT_BYTES;
  }
}
