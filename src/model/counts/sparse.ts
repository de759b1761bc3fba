/** A sparse V x V matrix as a list of entries. */
export interface SparseMatrix {
  /** V */
  readonly size: number;
  readonly rows: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Float64Array;
}

/** The transposed matrix, sharing its entries. */
export function transposed({ size, rows, columns, values }: SparseMatrix): SparseMatrix {
  return { size, rows: columns, columns: rows, values };
}

/** The entries scaled by a factor of their row and a factor of their column. */
export function scaled(
  matrix: SparseMatrix,
  rowFactors: Float64Array,
  columnFactors: Float64Array,
): SparseMatrix {
  const values = matrix.values.map(
    (value, entry) =>
      value *
      (rowFactors[matrix.rows[entry] as number] as number) *
      (columnFactors[matrix.columns[entry] as number] as number),
  );
  return { ...matrix, values };
}

/** The product with a dense f64[V, width], row by row: f64[V, width]. */
export function multiply(matrix: SparseMatrix, dense: Float64Array, width: number): Float64Array {
  const product = new Float64Array(matrix.size * width);
  for (let entry = 0; entry < matrix.values.length; entry++) {
    const value = matrix.values[entry] as number;
    if (value === 0) continue;
    const target = (matrix.rows[entry] as number) * width;
    const source = (matrix.columns[entry] as number) * width;
    for (let column = 0; column < width; column++) {
      product[target + column] =
        (product[target + column] as number) + value * (dense[source + column] as number);
    }
  }
  return product;
}
