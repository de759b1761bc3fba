import { gatherRows, type Tensor } from '../../graph/index.js';
import type { BodyInputs } from '../define-family.js';

/**
 * Takes the rows that are read of a layer, f32[M, H] of f32[B * T, H]: those that a head reads of the last, all of any
 * other. A layer takes them of what comes in and of what attention gives; everything behind that is done row by row.
 */
export function rowsRead({ rows }: BodyInputs, isLast: boolean): (x: Tensor) => Tensor {
  return rows && isLast ? (x) => gatherRows(x, rows) : (x) => x;
}
