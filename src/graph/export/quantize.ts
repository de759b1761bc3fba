import { ONNX_DTYPE, type OnnxAttributes } from '../../formats/index.js';
import { type DraftNode, type Initializer, type OnnxDraft, withoutUnused } from './draft.js';
import { foldSplits } from './fold-splits.js';
import {
  type QuantizedMatrix,
  quantizeMatrix,
  transposedValues,
  WEIGHT_ZERO_POINT,
} from './quantized-weight.js';

/** Matrices of fewer values stay as they are. */
const FEWEST_VALUES = 1024;

/**
 * Weights in 8 bits: of linear layers with a scale for each output channel, of embeddings with one for each row. They are
 * turned into float32 when a session is made, and the scales multiply the products: arithmetic stays in float32, as do norms,
 * biases and the matrices of `precise`.
 */
export function quantizeWeights(draft: OnnxDraft, precise: ReadonlySet<string> = new Set()): OnnxDraft {
  const folded = foldSplits(draft);
  const rewriter = new Quantizer(folded, precise);
  for (const node of folded.nodes) rewriter.rewrite(node);
  return withoutUnused({ ...folded, nodes: rewriter.nodes, initializers: rewriter.initializers });
}

class Quantizer {
  readonly nodes: DraftNode[] = [];
  readonly initializers: Map<string, Initializer>;
  private readonly transposes = new Map<string, string>();
  private readonly matrices = new Map<string, QuantizedMatrix>();
  private readonly looked: ReadonlySet<string>;
  private readonly done = new Set<string>();
  private counter = 0;

  constructor(
    private readonly draft: OnnxDraft,
    private readonly precise: ReadonlySet<string>,
  ) {
    this.initializers = new Map(draft.initializers);
    const tables = draft.nodes
      .filter(({ opType }) => opType === 'Gather')
      .map(({ inputs }) => inputs[0] ?? '');
    this.looked = new Set(tables);
    for (const { opType, inputs, outputs } of draft.nodes) {
      if (opType === 'Transpose') this.transposes.set(outputs[0] ?? '', inputs[0] ?? '');
    }
  }

  rewrite(node: DraftNode): void {
    const { opType, inputs, outputs, attributes } = node;
    const [first = '', second = '', bias] = inputs;
    const output = outputs[0] ?? '';
    if (opType === 'Gemm' && attributes.transB === 1 && this.isMatrix(second)) {
      this.linear(first, second, output, bias);
    } else if (opType === 'MatMul' && this.isMatrix(this.transposes.get(second) ?? '')) {
      this.linear(first, this.transposes.get(second) ?? '', output);
    } else if (opType === 'Gather' && this.isMatrix(first)) this.embedding(first, second, output);
    else if (opType !== 'Transpose' || !this.isMatrix(first)) this.nodes.push(node);
  }

  private isMatrix(name: string): boolean {
    const constant = this.draft.initializers.get(name);
    return (
      constant?.dtype === 'float32' &&
      constant.shape.length === 2 &&
      constant.data.length >= FEWEST_VALUES &&
      !this.precise.has(name)
    );
  }

  /** x W^T + b: products with the centred bytes, then the scales, then the bias. */
  private linear(x: string, weight: string, output: string, bias?: string): void {
    const { scales } = this.matrixOf(weight);
    const products = this.node('MatMul', [x, this.centred(this.transposedWeight(weight))], 'products');
    const weightScale = this.constant(`${weight}_scale`, 'float32', [scales.length], scales);
    if (bias === undefined) this.nodes.push(plain('Mul', [products, weightScale], output));
    else this.nodes.push(plain('Add', [this.node('Mul', [products, weightScale], 'scaled'), bias], output));
  }

  /** Rows of 8 bits, then their zero point, then their scales. */
  private embedding(table: string, ids: string, output: string): void {
    const { rows, scales } = this.matrixOf(table);
    const row = this.node('Gather', [this.storedRows(table), ids], 'rows', { axis: 0 });
    const scaleTable = this.constant(`${table}_row_scale`, 'float32', [rows, 1], scales);
    const scale = this.node('Gather', [scaleTable, ids], 'row_scale', { axis: 0 });
    this.nodes.push(plain('Mul', [this.centred(row), scale], output));
  }

  /** Bytes as float32, less their zero point. */
  private centred(bytes: string): string {
    const real = this.node('Cast', [bytes], 'real', { to: ONNX_DTYPE.float32 });
    const zero = this.constant('weight_zero_point', 'float32', [], Float32Array.of(WEIGHT_ZERO_POINT));
    return this.node('Sub', [real, zero], 'centred');
  }

  private matrixOf(name: string): QuantizedMatrix {
    const known = this.matrices.get(name);
    const constant = this.draft.initializers.get(name);
    const matrix = known ?? quantizeMatrix(constant as Initializer);
    this.matrices.set(name, matrix);
    return matrix;
  }

  private storedRows(name: string): string {
    const { rows, columns, values } = this.matrixOf(name);
    return this.constant(`${name}_quantized`, 'uint8', [rows, columns], values);
  }

  /** W^T in 8 bits: stored that way, but for a table that is looked up too, which then serves both. */
  private transposedWeight(name: string): string {
    const stored = `${name}_quantized_transposed`;
    const matrix = this.matrixOf(name);
    if (!this.looked.has(name)) {
      return this.constant(stored, 'uint8', [matrix.columns, matrix.rows], transposedValues(matrix));
    }
    if (!this.done.has(stored)) {
      this.done.add(stored);
      const attributes = { perm: [1, 0] };
      this.nodes.push({
        opType: 'Transpose',
        inputs: [this.storedRows(name)],
        outputs: [stored],
        attributes,
      });
    }
    return stored;
  }

  private node(
    opType: string,
    inputs: readonly string[],
    hint: string,
    attributes: OnnxAttributes = {},
  ): string {
    const output = `${hint}__q${this.counter++}`;
    this.nodes.push({ opType, inputs, outputs: [output], attributes });
    return output;
  }

  private constant(
    name: string,
    dtype: Initializer['dtype'],
    shape: Initializer['shape'],
    data: Initializer['data'],
  ): string {
    if (!this.initializers.has(name)) this.initializers.set(name, { dtype, shape, data });
    return name;
  }
}

function plain(opType: string, inputs: readonly string[], output: string): DraftNode {
  return { opType, inputs, outputs: [output], attributes: {} };
}
