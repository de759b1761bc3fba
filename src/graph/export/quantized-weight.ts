import type { Initializer } from './draft.js';

/** What stands for zero in a quantised weight. */
export const WEIGHT_ZERO_POINT = 128;

/** Steps from zero to the largest magnitude of a row. */
const STEPS = 127;

/** A matrix in 8 bits: row r, column c is (values[r, c] - 128) * scales[r]. */
export interface QuantizedMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Uint8Array;
  readonly scales: Float32Array;
}

/**
 * Symmetric quantisation with a scale for each row (an output channel of a linear layer, a token of an embedding):
 * scale = max |w| / 127. Unsigned, as in decision 21.
 */
export function quantizeMatrix({ shape, data }: Initializer): QuantizedMatrix {
  const [rows, columns] = shape as readonly [number, number];
  const values = new Uint8Array(rows * columns);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    let largest = 0;
    for (let column = 0; column < columns; column++) {
      largest = Math.max(largest, Math.abs(Number(data[row * columns + column])));
    }
    const scale = Math.fround(largest / STEPS) || 1;
    scales[row] = scale;
    for (let index = row * columns; index < (row + 1) * columns; index++) {
      values[index] = WEIGHT_ZERO_POINT + Math.round(Number(data[index]) / scale);
    }
  }
  return { rows, columns, values, scales };
}

/** The values with rows and columns exchanged. */
export function transposedValues({ rows, columns, values }: QuantizedMatrix): Uint8Array {
  const result = new Uint8Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = values[row * columns + column] as number;
    }
  }
  return result;
}
