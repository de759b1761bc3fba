import { type DType, type Shape, ShapeError } from '../../core/index.js';
import type { OnnxAttributes, OnnxData } from '../../formats/index.js';
import { Emitter } from '../emit.js';
import type { ConstantData, OpNode } from '../graph.js';
import type { DraftNode, Initializer } from './draft.js';
import { factorSize, type StandIn } from './sizes.js';

/**
 * Emits ops with standard operators only, and with sizes that are known when the model runs: where an op writes a
 * stand-in into a shape, nodes that compute the size from the shape of an input take its place.
 */
export class DynamicEmitter extends Emitter {
  readonly drafted: DraftNode[] = [];
  readonly emitted = new Map<string, Initializer>();
  private readonly known = new Map<string, string>();

  constructor(private readonly standIns: readonly StandIn[]) {
    super();
  }

  override node(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: OnnxAttributes = {},
    domain = '',
  ): void {
    if (domain !== '') {
      throw new ShapeError(`'${opType}' of ${domain} is not in every back end: the op needs an emitPortable`);
    }
    this.drafted.push({ opType, inputs, outputs, attributes });
  }

  override int64(values: readonly number[], shape: Shape = [values.length]): string {
    if (!values.some((value) => this.isDynamic(value))) return this.fixed(values, shape);
    if (shape.length !== 1) throw new ShapeError(`a constant i64[${shape}] cannot hold dynamic sizes`);
    return this.once(`vector:${values}`, () => {
      const parts = values.map((value) => this.size(value));
      return parts.length === 1 ? (parts[0] as string) : this.computed('shape', 'Concat', parts, { axis: 0 });
    });
  }

  override float(value: number): string {
    return this.once(`float:${value}`, () => this.initializer('float32', [], Float32Array.of(value)));
  }

  override ones(shape: Shape): string {
    return this.once(`ones:${shape}`, () =>
      this.computed('ones', 'Expand', [this.float(1), this.int64(shape)], {}),
    );
  }

  /** A table with an axis of dynamic size is stored at its largest and cut to size when the model runs. */
  override constant(data: ConstantData, shape: Shape): string {
    const dtype = data instanceof Int32Array ? 'int32' : 'float32';
    let table = { data, shape };
    const cuts = shape.flatMap((size, axis) => {
      const { factor, sizes } = factorSize(size, this.standIns);
      const [only] = sizes;
      if (!only) return [];
      if (sizes.length > 1 || factor !== 1)
        throw new ShapeError(`a constant [${shape}] cannot be cut to a product of dynamic sizes`);
      table = firstAlong(table, axis, only.most);
      return [{ axis, size }];
    });
    const name = this.initializer(dtype, table.shape, table.data);
    if (cuts.length === 0) return name;
    const ends = this.int64(cuts.map(({ size }) => size));
    const starts = this.fixed(
      cuts.map(() => 0),
      [cuts.length],
    );
    const axes = this.fixed(
      cuts.map(({ axis }) => axis),
      [cuts.length],
    );
    return this.computed('table', 'Slice', [name, starts, ends, axes], {});
  }

  protected override emitRule(node: OpNode): void {
    if (node.rule.emitPortable) node.rule.emitPortable(this, node);
    else node.rule.emit(this, node);
  }

  private isDynamic(value: number): boolean {
    return value > 0 && factorSize(value, this.standIns).sizes.length > 0;
  }

  private fixed(values: readonly number[], shape: Shape): string {
    return this.once(`i64:${shape}:${values}`, () =>
      this.initializer('int64', shape, BigInt64Array.from(values, BigInt)),
    );
  }

  /** The name of a size as i64[1]: fixed, an axis of an input, or a product of such. */
  private size(value: number): string {
    const { factor, sizes } = factorSize(value, this.standIns);
    const factors = sizes.map((standIn) => this.axisOf(standIn));
    if (factor !== 1 || factors.length === 0) factors.unshift(this.fixed([factor], [1]));
    return factors.reduce((product, next) =>
      this.once(`product:${product}:${next}`, () => this.computed('size', 'Mul', [product, next], {})),
    );
  }

  private axisOf({ name, input, axis }: StandIn): string {
    return this.once(`axis:${name}`, () => {
      const shape = this.once(`shape:${input}`, () => this.computed('input_shape', 'Shape', [input], {}));
      return this.computed(name, 'Gather', [shape, this.fixed([axis], [1])], { axis: 0 });
    });
  }

  private computed(
    hint: string,
    opType: string,
    inputs: readonly string[],
    attributes: OnnxAttributes,
  ): string {
    const name = this.fresh(hint);
    this.drafted.push({ opType, inputs, outputs: [name], attributes });
    return name;
  }

  private initializer(dtype: DType, shape: Shape, data: OnnxData): string {
    const name = this.fresh('constant');
    this.emitted.set(name, { dtype, shape, data });
    return name;
  }

  private once(key: string, make: () => string): string {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.known.set(key, made);
    return made;
  }
}

/** The first `count` entries along an axis. */
function firstAlong(
  { data, shape }: { data: ConstantData; shape: Shape },
  axis: number,
  count: number,
): { data: ConstantData; shape: Shape } {
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const width = (shape[axis] as number) * inner;
  const outer = data.length / width;
  const kept = count * inner;
  const cut = data instanceof Int32Array ? new Int32Array(outer * kept) : new Float32Array(outer * kept);
  for (let row = 0; row < outer; row++) cut.set(data.subarray(row * width, row * width + kept), row * kept);
  return { data: cut, shape: shape.with(axis, count) };
}
