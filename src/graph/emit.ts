import { type DType, type Shape, sameShape, sizeOf } from '../core/index.js';
import {
  encodeOnnx,
  type NamedShape,
  type NodeProto,
  type OnnxAttributes,
  onnxGraph,
  onnxModel,
  onnxNode,
  onnxTensor,
  onnxValueInfo,
  type TensorProto,
  type ValueInfoProto,
} from '../formats/index.js';
import { reachableNodes } from './evaluate.js';
import {
  asConstant,
  asInput,
  type ConstantData,
  type EmitContext,
  type OpNode,
  type Tensor,
} from './graph.js';
import { verifyModel } from './verify.js';

/** Operator sets every emitted program imports: RotaryEmbedding needs 23. */
export const OPSETS = { '': 23, 'com.microsoft': 1 } as const;

/** Name, dtype and shape of a program's input or output. */
export interface Port {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

/** A port of a whole program, some of whose sizes may be known only when it runs: those have a name. */
export interface ProgramPort {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: NamedShape;
}

/** A compiled program: ONNX bytes with what goes in and what comes out. */
export interface Program {
  readonly onnx: Uint8Array;
  readonly inputs: readonly ProgramPort[];
  readonly outputs: readonly ProgramPort[];
}

/** Collects the ONNX nodes and constants of a graph while its ops are emitted. */
export class Emitter implements EmitContext {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[];
  readonly valueInfo: ValueInfoProto[] = [];
  private counter = 0;
  private readonly names: Map<number, string>;
  private readonly constants: Map<string, string>;
  private readonly copies: { readonly tensor: Tensor; readonly name: string }[] = [];

  constructor(private readonly outer?: Emitter) {
    this.names = new Map(outer?.names);
    this.constants = outer?.constants ?? new Map();
    this.initializers = outer?.initializers ?? [];
  }

  /** An emitter for a subgraph: it knows what has a name so far, and adds its constants to the whole model's. */
  nested(): Emitter {
    return new Emitter(this);
  }

  /** Gives a tensor a name of its own, for inputs and outputs. */
  bind(tensor: Tensor, name: string): void {
    this.names.set(tensor.id, name);
  }

  readonly name = (tensor: Tensor): string => {
    const known = this.names.get(tensor.id);
    if (known !== undefined) return known;
    const made = `${tensor.node.rule.name}_${tensor.id}`;
    this.names.set(tensor.id, made);
    return made;
  };

  readonly fresh = (hint: string): string => this.outer?.fresh(hint) ?? `${hint}__${this.counter++}`;

  node(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: OnnxAttributes = {},
    domain = '',
  ): void {
    this.nodes.push(onnxNode(opType, inputs, outputs, attributes, domain));
  }

  int64(values: readonly number[], shape: Shape = [values.length]): string {
    return this.shared(`i64:${shape}:${values}`, 'int64', shape, () =>
      BigInt64Array.from(values.map(BigInt)),
    );
  }

  float(value: number): string {
    return this.shared(`f32:${value}`, 'float32', [], () => Float32Array.of(value));
  }

  ones(shape: Shape): string {
    return this.shared(`ones:${shape}`, 'float32', shape, () => new Float32Array(sizeOf(shape)).fill(1));
  }

  constant(data: ConstantData, shape: Shape): string {
    const name = this.fresh('constant');
    this.initializers.push(onnxTensor(name, data instanceof Int32Array ? 'int32' : 'float32', shape, data));
    return name;
  }

  /**
   * Gives an output its name. A tensor that has a name already (an input, a constant, another output) is copied to the
   * new one after everything has been emitted; any other is computed under it, which saves a pass over memory.
   */
  bindOutput(tensor: Tensor, name: string): void {
    const isSource = asConstant(tensor.node) !== undefined || asInput(tensor.node) !== undefined;
    if (isSource || this.names.has(tensor.id)) this.copies.push({ tensor, name });
    else this.bind(tensor, name);
  }

  /**
   * Emits everything that `outputs` need; inputs must have been bound to names. `onTensor` is told each tensor as soon
   * as it is computed, so that what consumes it can follow while it is in the cache.
   */
  emitAll(outputs: readonly Tensor[], onTensor: (tensor: Tensor) => void = () => undefined): void {
    for (const node of reachableNodes(outputs)) {
      const constant = asConstant(node);
      if (constant) this.bindConstant(node, constant.data, constant.shape);
      else if (!asInput(node)) this.emitOp(node);
      for (const output of node.outputs) onTensor(output);
    }
    for (const { tensor, name } of this.copies) this.node('Identity', [this.name(tensor)], [name]);
  }

  private bindConstant(node: OpNode, data: ConstantData, shape: Shape): void {
    const isScalar = shape.length === 0 && data instanceof Float32Array;
    const name = isScalar ? this.float(data[0] as number) : this.constant(data, shape);
    for (const output of node.outputs) this.bind(output, name);
  }

  private emitOp(node: OpNode): void {
    this.emitRule(node);
    for (const output of node.outputs) {
      this.valueInfo.push(onnxValueInfo(this.name(output), output.dtype, output.shape));
    }
  }

  /** Emits one op. */
  protected emitRule(node: OpNode): void {
    node.rule.emit(this, node);
  }

  private shared(key: string, dtype: DType, shape: Shape, data: () => Float32Array | BigInt64Array): string {
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const name = this.fresh('constant');
    this.initializers.push(onnxTensor(name, dtype, shape, data()));
    this.constants.set(key, name);
    return name;
  }
}

/** The inputs that some tensors need, in the order they were declared. */
export function inputPorts(outputs: readonly Tensor[]): { readonly port: Port; readonly tensor: Tensor }[] {
  return reachableNodes(outputs).flatMap((node) => {
    const source = asInput(node);
    const tensor = node.outputs[0];
    return source && tensor ? [{ port: { name: source.name, ...source.type }, tensor }] : [];
  });
}

export function valueInfoOf(port: ProgramPort): ValueInfoProto {
  return onnxValueInfo(port.name, port.dtype, port.shape);
}

/** Compiles named outputs, and whatever they depend on, to one ONNX program that has passed the verifier. */
export function compileProgram(outputs: Readonly<Record<string, Tensor>>): Program {
  const tensors = Object.values(outputs);
  const emitter = new Emitter();
  const inputs = inputPorts(tensors);
  for (const { port, tensor } of inputs) emitter.bind(tensor, port.name);
  for (const [name, tensor] of Object.entries(outputs)) emitter.bindOutput(tensor, name);
  emitter.emitAll(tensors);
  const outputPorts: Port[] = Object.entries(outputs).map(([name, { dtype, shape }]) => ({
    name,
    dtype,
    shape,
  }));
  const graph = onnxGraph({
    name: 'program',
    nodes: emitter.nodes,
    inputs: inputs.map(({ port }) => valueInfoOf(port)),
    outputs: outputPorts.map(valueInfoOf),
    initializers: emitter.initializers,
    valueInfo: emitter.valueInfo,
  });
  const model = onnxModel(graph, OPSETS);
  verifyModel(model);
  return { onnx: encodeOnnx(model), inputs: inputs.map(({ port }) => port), outputs: outputPorts };
}

/** True when two ports agree in dtype and shape. */
export function samePort(a: Omit<Port, 'name'>, b: Omit<Port, 'name'>): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}
