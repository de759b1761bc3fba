import { cast, constant, gatherRows, reshape, sub, type Tensor } from '../../graph/index.js';

/** The rows of x f32[B * T, W] that are read, f32[M, W], at `rows` i32[M] or i32[B, m]; all of them without it. */
export function rowsRead(x: Tensor, rows: Tensor | undefined): Tensor {
  return rows ? reshape(gatherRows(x, rows), [-1, x.shape[1] as number]) : x;
}

/** The same number of places in every sequence, from which attention looks. */
export class Queries {
  /** B and m */
  readonly size: readonly [number, number];
  /** i32[B, m], each counted from the start of its own sequence. */
  readonly places: Tensor;

  /** `rows` i32[B, m] of the B * T. */
  constructor(
    readonly rows: Tensor,
    private readonly sequenceLength: number,
  ) {
    const [B, m] = rows.shape as readonly [number, number];
    this.size = [B, m];
    const starts = Float32Array.from({ length: B }, (_, sequence) => sequence * sequenceLength);
    // Through float32, in which places are exact: integers have no difference here.
    this.places = cast(sub(cast(rows, 'float32'), constant(rows.node.graph, starts, [B, 1])), 'int32');
  }

  /** What is left of an additive bias f32[B or 1, 1, T or 1, T]: f32[B, 1, m or 1, T]. */
  bias(bias: Tensor): Tensor {
    const [batches, , queries] = bias.shape as readonly [number, number, number, number];
    if (queries === 1) return bias;
    const [B, m] = this.size;
    const T = this.sequenceLength;
    const rows = gatherRows(reshape(bias, [-1, T]), batches === 1 ? this.places : this.rows);
    return reshape(rows, [B, 1, m, T]);
  }
}
