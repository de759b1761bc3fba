import type { DType, Shape } from '../core/index.js';

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

export type Request =
  | {
      readonly kind: 'load';
      readonly program: number;
      readonly onnx: Uint8Array;
      readonly settings: SessionSettings;
      /** Input name by output name: outputs that become those inputs at the next run. */
      readonly carried: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'run';
      readonly program: number;
      readonly feeds: TensorValues;
      /** Outputs that must be finite for the carried state to be replaced. */
      readonly finite: readonly string[];
    }
  | { readonly kind: 'writeState'; readonly program: number; readonly state: TensorValues }
  | { readonly kind: 'readState'; readonly program: number; readonly names: readonly string[] | undefined }
  | { readonly kind: 'moveState'; readonly program: number; readonly from: number }
  | { readonly kind: 'release'; readonly program: number };

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
