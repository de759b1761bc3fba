import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { type DType, errorMessage, FormatError, type Shape } from '../core/index.js';

export type { GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto };

/** Element types of a tensor in an ONNX file: those of computation, and those that only store weights. */
export type OnnxDType = DType | 'float16' | 'int8' | 'uint8';

/** Number of each element type in ONNX (TensorProto.DataType). */
export const ONNX_DTYPE: Record<OnnxDType, number> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
};

/** Elements of a constant; float16 is held as its bits. */
export type OnnxData = Float32Array | Int32Array | BigInt64Array | Uint16Array | Uint8Array | Int8Array;

/** Attributes of an ONNX node; a bare number is an integer. */
export type OnnxAttributes = Readonly<
  Record<
    string,
    number | string | readonly number[] | { readonly float: number } | { readonly graph: GraphProto }
  >
>;

function attribute(name: string, value: OnnxAttributes[string]): AttributeProto {
  const Type = AttributeProto_AttributeType;
  if (typeof value === 'number') {
    return create(AttributeProtoSchema, { name, type: Type.INT, i: BigInt(value) });
  }
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, { name, type: Type.STRING, s: new TextEncoder().encode(value) });
  }
  if ('float' in value) return create(AttributeProtoSchema, { name, type: Type.FLOAT, f: value.float });
  if ('graph' in value) return create(AttributeProtoSchema, { name, type: Type.GRAPH, g: value.graph });
  return create(AttributeProtoSchema, { name, type: Type.INTS, ints: value.map(BigInt) });
}

/** One ONNX node. */
export function onnxNode(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: OnnxAttributes = {},
  domain = '',
): NodeProto {
  return create(NodeProtoSchema, {
    opType,
    domain,
    name: `${opType}:${outputs[0] ?? ''}`,
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  });
}

/** A constant tensor with its raw little-endian bytes. */
export function onnxTensor(name: string, dtype: OnnxDType, shape: Shape, data: OnnxData): TensorProto {
  const rawData = new Uint8Array(data.byteLength);
  rawData.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return create(TensorProtoSchema, { name, dataType: ONNX_DTYPE[dtype], dims: shape.map(BigInt), rawData });
}

/** Where the bytes of a tensor lie in a file beside the model. */
export interface ExternalLocation {
  /** Plain name of the file, in the model's own folder. */
  readonly file: string;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** A constant tensor whose bytes lie in another file. */
export function onnxExternalTensor(
  name: string,
  dtype: OnnxDType,
  shape: Shape,
  { file, offsetBytes, sizeBytes }: ExternalLocation,
): TensorProto {
  const entries = { location: file, offset: String(offsetBytes), length: String(sizeBytes) };
  return create(TensorProtoSchema, {
    name,
    dataType: ONNX_DTYPE[dtype],
    dims: shape.map(BigInt),
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
  });
}

/** A shape whose dimensions are fixed sizes or the names of sizes that are known when the model runs. */
export type NamedShape = readonly (number | string)[];

/** Name, element type and shape of a graph input or output. */
export function onnxValueInfo(name: string, dtype: OnnxDType, shape?: NamedShape): ValueInfoProto {
  const dim = shape?.map((size) => ({
    value:
      typeof size === 'string'
        ? { case: 'dimParam' as const, value: size }
        : { case: 'dimValue' as const, value: BigInt(size) },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: { elemType: ONNX_DTYPE[dtype], ...(dim ? { shape: { dim } } : {}) },
      },
    },
  });
}

/** The parts of an ONNX graph. */
export interface OnnxGraphParts {
  readonly name: string;
  readonly nodes: readonly NodeProto[];
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  readonly initializers?: readonly TensorProto[];
  readonly valueInfo?: readonly ValueInfoProto[];
}

/** A graph from its parts. */
export function onnxGraph(parts: OnnxGraphParts): GraphProto {
  return create(GraphProtoSchema, {
    name: parts.name,
    node: [...parts.nodes],
    input: [...parts.inputs],
    output: [...parts.outputs],
    initializer: [...(parts.initializers ?? [])],
    valueInfo: [...(parts.valueInfo ?? [])],
  });
}

/** A model: a graph with the operator sets it needs, and the version of the file format. */
export function onnxModel(
  graph: GraphProto,
  opsets: Readonly<Record<string, number>>,
  irVersion = 10,
): ModelProto {
  return create(ModelProtoSchema, {
    irVersion: BigInt(irVersion),
    producerName: 'lacuna',
    graph,
    opsetImport: Object.entries(opsets).map(([domain, version]) => ({ domain, version: BigInt(version) })),
  });
}

/** A model's protobuf bytes. */
export function encodeOnnx(model: ModelProto): Uint8Array {
  return toBinary(ModelProtoSchema, model);
}

/** Parses protobuf bytes; a FormatError names the source when they are not a model. */
export function decodeOnnx(bytes: Uint8Array, where: string): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new FormatError(`${where}: expected an ONNX model: ${errorMessage(cause)}`, { cause });
  }
}
