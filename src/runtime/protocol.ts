import type { DType, Shape } from '../core/index.js';
import type { AdamWScalars } from '../graph/index.js';

/** Elements of a tensor as they cross between threads; bool travels as bytes. */
export type TensorData = Float32Array | Int32Array | BigInt64Array | Uint8Array;

/** A tensor by value. */
export interface TensorValue {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TensorData;
}

export type TensorValues = Readonly<Record<string, TensorValue>>;

/** How ONNX Runtime runs a program. */
export interface SessionSettings {
  /** Threads inside one operator; results are bit-stable only at a fixed number. */
  readonly threads: number;
}

/** What AdamW updates after each step of a program. */
export interface AdamWSetup {
  readonly beta1: number;
  readonly beta2: number;
  readonly updates: readonly AdamWUpdate[];
  /** Largest global gradient norm: gradients are scaled down to it. */
  readonly maxGradientNorm: number;
  /** Output that is the norm of all gradients, f32[]. */
  readonly norm: string;
}

/** A parameter, which is an input of the program, its moments, and the output that is its gradient; all of one shape. */
export interface AdamWUpdate {
  readonly parameter: string;
  readonly first: string;
  readonly second: string;
  readonly gradient: string;
  readonly shape: Shape;
  readonly decays: boolean;
}

/** One step to do: what the program is fed besides its state, and AdamW's numbers. */
export interface StepFeeds {
  readonly feeds: TensorValues;
  readonly scalars: AdamWScalars;
}

export type Request =
  | {
      readonly kind: 'load';
      readonly program: number;
      readonly onnx: Uint8Array;
      readonly settings: SessionSettings;
      /** Input name by output name: outputs that become those inputs at the next step. */
      readonly carried: Readonly<Record<string, string>>;
      readonly adamW: AdamWSetup | undefined;
    }
  | { readonly kind: 'run'; readonly program: number; readonly feeds: TensorValues }
  | { readonly kind: 'steps'; readonly program: number; readonly steps: readonly StepFeeds[] }
  | { readonly kind: 'writeState'; readonly program: number; readonly state: TensorValues }
  | { readonly kind: 'readState'; readonly program: number; readonly names: readonly string[] | undefined }
  | { readonly kind: 'moveState'; readonly program: number; readonly from: number }
  | { readonly kind: 'release'; readonly program: number }
  /** Answered when ONNX Runtime is loaded. */
  | { readonly kind: 'ready' };

export interface Envelope {
  readonly id: number;
  readonly request: Request;
}

export type Reply =
  | { readonly id: number; readonly values: TensorValues }
  | { readonly id: number; readonly error: string };

/** The buffers of some tensors, for transferring instead of copying. */
export function buffersOf(values: TensorValues): ArrayBuffer[] {
  const buffers = Object.values(values).map((value) => value.data.buffer);
  return buffers.filter((buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer);
}
