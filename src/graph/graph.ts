import { type DType, formatType, type Shape, ShapeError } from '../core/index.js';

/** What is known of a tensor while a graph is built. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** A symbolic tensor: one output of one node of a graph. */
export interface Tensor extends TensorType {
  readonly id: number;
  readonly node: OpNode;
  /** Which output of its node this is. */
  readonly outputIndex: number;
}

export type ConstantData = Float32Array | Int32Array;

/** Every op, with its attributes. The op table must hold a rule for each, or it does not compile. */
export interface OpAttributes {
  input: { readonly name: string; readonly type: TensorType };
  constant: { readonly data: ConstantData; readonly shape: Shape };
  add: NoAttributes;
  sub: NoAttributes;
  mul: NoAttributes;
  div: NoAttributes;
  neg: NoAttributes;
  exp: NoAttributes;
  log: NoAttributes;
  sqrt: NoAttributes;
  tanh: NoAttributes;
  erf: NoAttributes;
  relu: NoAttributes;
  reluSquared: NoAttributes;
  positive: NoAttributes;
  gelu: NoAttributes;
  equal: NoAttributes;
  cast: { readonly to: DType };
  stopGradient: NoAttributes;
  after: NoAttributes;
  matMul: { readonly transA: boolean; readonly transB: boolean; readonly alpha: number };
  linear: NoAttributes;
  reshape: { readonly shape: Shape };
  transpose: { readonly permutation: readonly number[] };
  split: { readonly axis: number; readonly sizes: readonly number[] };
  concat: { readonly axis: number };
  shift: { readonly offset: number };
  expand: { readonly shape: Shape };
  reduceSum: { readonly axes: readonly number[]; readonly keepDims: boolean };
  sumSquares: NoAttributes;
  rowMax: NoAttributes;
  gatherRows: NoAttributes;
  scatterAddRows: { readonly rows: number };
  gatherColumns: NoAttributes;
  scatterAddColumns: NoAttributes;
  softmax: NoAttributes;
  layerNorm: { readonly epsilon: number };
  rotary: { readonly inverse: boolean };
  attention: { readonly scale: number };
  softmaxCrossEntropy: NoAttributes;
  softmaxCrossEntropyGradient: NoAttributes;
  decodedCrossEntropy: NoAttributes;
}

export type NoAttributes = Readonly<Record<never, never>>;
export type OpName = keyof OpAttributes;

/** One application of an op. */
export interface OpNode<Name extends OpName = OpName> {
  readonly graph: Graph;
  readonly rule: OpRule<Name>;
  readonly attributes: OpAttributes[Name];
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/** A dense array in float64: what the reference evaluation computes with, whatever the dtype. */
export interface NdArray {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** What an emission rule may do: name tensors, add constants, add ONNX nodes. */
export interface EmitContext {
  /** The ONNX name of a tensor. */
  name(tensor: Tensor): string;
  /** A new unique name for an intermediate value. */
  fresh(hint: string): string;
  /** Adds one ONNX node. `domain` is '' for the standard operators. */
  node(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes?: Readonly<Record<string, number | string | readonly number[] | { readonly float: number }>>,
    domain?: string,
  ): void;
  /** The name of a constant int64 vector (or scalar, with shape []). */
  int64(values: readonly number[], shape?: Shape): string;
  /** The name of a constant float32 scalar. */
  float(value: number): string;
  /** The name of a constant float32 tensor of ones. */
  ones(shape: Shape): string;
  /** The name of a constant tensor. */
  constant(data: ConstantData, shape: Shape): string;
}

/** Gradients of the outputs (undefined where nothing depends on one) to gradients of the inputs. */
export type GradientRule<Name extends OpName> = (
  outputGradients: readonly (Tensor | undefined)[],
  node: OpNode<Name>,
) => readonly (Tensor | undefined)[];

/** An explicit statement that an op has no gradient, and why. */
export interface NotDifferentiable {
  readonly notDifferentiable: string;
}

/** Everything Lacuna knows of one op. */
export interface OpRule<Name extends OpName = OpName> {
  readonly name: Name;
  /** Types of the outputs; throws a ShapeError that says which argument is wrong. */
  infer(inputs: readonly TensorType[], attributes: OpAttributes[Name]): readonly TensorType[];
  /** Adds the ONNX nodes that compute the op. */
  emit(context: EmitContext, node: OpNode<Name>): void;
  /** The same by operators that every ONNX back end has, for models that leave Lacuna; where `emit` has others. */
  emitPortable?(context: EmitContext, node: OpNode<Name>): void;
  /**
   * Gradient rule over symbolic tensors. Broadcasting is undone and contributions are summed by the walk in
   * `autodiff.ts`, so a rule may return a gradient of the broadcast shape.
   */
  readonly gradient: GradientRule<Name> | NotDifferentiable;
  /** Reference evaluation in float64. */
  evaluate(inputs: readonly NdArray[], attributes: OpAttributes[Name]): readonly NdArray[];
}

/** A computation under construction: nodes in the order they were built, which is a topological order. */
export class Graph {
  readonly nodes: OpNode[] = [];
  private readonly inputNames = new Set<string>();
  private nextId = 0;

  /** Registers the name of an input; names are unique within a graph. */
  claimInputName(name: string): void {
    if (this.inputNames.has(name)) throw new ShapeError(`graph input '${name}': the name is already in use`);
    this.inputNames.add(name);
  }

  /** Adds a node; shapes and dtypes are checked by the op's own rule. */
  apply<Name extends OpName>(
    rule: OpRule<Name>,
    inputs: readonly Tensor[],
    attributes: OpAttributes[Name],
  ): readonly Tensor[] {
    for (const [position, input] of inputs.entries()) {
      if (input.node.graph !== this) {
        throw new ShapeError(`${rule.name}: argument ${position} belongs to another graph`);
      }
    }
    const outputs: Tensor[] = [];
    const node: OpNode<Name> = { graph: this, rule, attributes, inputs, outputs };
    for (const [outputIndex, type] of rule.infer(inputs, attributes).entries()) {
      outputs.push({ ...type, id: this.nextId++, node: node as unknown as OpNode, outputIndex });
    }
    this.nodes.push(node as unknown as OpNode);
    return outputs;
  }
}

/** The attributes of a graph input; undefined for any other node. */
export function asInput(node: OpNode): OpAttributes['input'] | undefined {
  return node.rule.name === 'input' ? (node.attributes as OpAttributes['input']) : undefined;
}

/** The attributes of a constant; undefined for any other node. */
export function asConstant(node: OpNode): OpAttributes['constant'] | undefined {
  return node.rule.name === 'constant' ? (node.attributes as OpAttributes['constant']) : undefined;
}

/** Applies a one-output op to at least one tensor, in the graph of the first. */
export function applyOne<Name extends OpName>(
  rule: OpRule<Name>,
  inputs: readonly [Tensor, ...Tensor[]],
  attributes: OpAttributes[Name],
): Tensor {
  return inputs[0].node.graph.apply(rule, inputs, attributes)[0] as Tensor;
}

/** Throws the ShapeError of a failed check: which op, which argument, expected what, got what. */
export function expectType(
  holds: boolean,
  op: OpName,
  argument: string,
  expected: string,
  got: TensorType,
): void {
  if (holds) return;
  throw new ShapeError(`${op}: ${argument} must be ${expected}, got ${formatType(got.dtype, got.shape)}`);
}

/** The entry at `index`; ops are applied by typed builder functions, so it is there. */
export function argument<T>(inputs: readonly (T | undefined)[], index: number): T {
  const input = inputs[index];
  if (input === undefined)
    throw new ShapeError(`an op was given ${inputs.length} inputs, needs ${index + 1}`);
  return input;
}
