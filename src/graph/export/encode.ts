import {
  encodeOnnx,
  onnxExternalTensor,
  onnxGraph,
  onnxModel,
  onnxNode,
  onnxTensor,
  onnxValueInfo,
  type TensorProto,
} from '../../formats/index.js';
import { verifyModel } from '../verify.js';
import type { Initializer, OnnxDraft } from './draft.js';

/** The operator set of exported models: the first with LayerNormalization; every runtime of 2022 or later has it. */
export const EXPORT_OPSET = 17;

/** The file format that came with that operator set. */
const EXPORT_IR_VERSION = 8;

/** Protobuf cannot hold 2 GiB; half a gigabyte is left for what is not weights. */
export const LARGEST_MODEL_BYTES = 1.5 * 2 ** 30;

/** Constants smaller than this stay in the model even when weights lie outside: runtimes want shapes at hand. */
const SMALLEST_EXTERNAL_BYTES = 1024;

/** Tensors outside begin at pages, so that a runtime can map them into memory. */
const PAGE_BYTES = 4096;

/** A model's bytes and, where it is large, those of its weights: parts of one file, in order. */
export interface EncodedModel {
  readonly model: Uint8Array;
  readonly externalData?: readonly Uint8Array[];
}

export interface EncodeOptions {
  /** Name of the file for weights, beside the model. */
  readonly externalFile: string;
  /** Total size of constants above which they lie outside; `LARGEST_MODEL_BYTES` unless told. */
  readonly externalAboveBytes?: number;
}

/** Gives a draft its bytes, after the verifier has passed it. */
export function encodeDraft(draft: OnnxDraft, options: EncodeOptions): EncodedModel {
  const total = [...draft.initializers.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  const isExternal = total > (options.externalAboveBytes ?? LARGEST_MODEL_BYTES);
  const parts: Uint8Array[] = [];
  let offsetBytes = 0;
  const store = (name: string, { dtype, shape, data }: Initializer): TensorProto => {
    if (!isExternal || data.byteLength < SMALLEST_EXTERNAL_BYTES) return onnxTensor(name, dtype, shape, data);
    const sizeBytes = data.byteLength;
    const padding = (PAGE_BYTES - (sizeBytes % PAGE_BYTES)) % PAGE_BYTES;
    parts.push(new Uint8Array(data.buffer, data.byteOffset, sizeBytes), new Uint8Array(padding));
    const location = { file: options.externalFile, offsetBytes, sizeBytes };
    offsetBytes += sizeBytes + padding;
    return onnxExternalTensor(name, dtype, shape, location);
  };
  const graph = onnxGraph({
    name: 'lacuna',
    nodes: draft.nodes.map(({ opType, inputs, outputs, attributes }) =>
      onnxNode(opType, inputs, outputs, attributes),
    ),
    inputs: draft.inputs.map(({ name, dtype, shape }) => onnxValueInfo(name, dtype, shape)),
    outputs: draft.outputs.map(({ name, dtype, shape }) => onnxValueInfo(name, dtype, shape)),
    initializers: [...draft.initializers].map(([name, constant]) => store(name, constant)),
  });
  const model = onnxModel(graph, { '': EXPORT_OPSET }, EXPORT_IR_VERSION);
  const names = draft.inputs.flatMap(({ shape }) => shape).filter((size) => typeof size === 'string');
  verifyModel(model, { dynamicSizes: new Set(names), externalBytes: offsetBytes });
  return { model: encodeOnnx(model), ...(isExternal ? { externalData: parts } : {}) };
}
