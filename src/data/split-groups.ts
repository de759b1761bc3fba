import { createHash } from 'node:crypto';
import { DataError } from '../core/index.js';

/** Examples to learn from, to stop by, and to report on. */
export interface ThreeParts<Item> {
  readonly train: readonly Item[];
  readonly validation: readonly Item[];
  readonly test: readonly Item[];
}

/**
 * Splits by a hash of each group's name, a tenth for validation and a tenth for the test unless told, so that a group is
 * on one side whole and always on the same. Throws a DataError that begins with `where` when a part would be empty.
 */
export function splitByGroup<Item extends { readonly group: string }>(
  items: readonly Item[],
  where: string,
  fraction = 0.1,
): ThreeParts<Item> {
  const parts = { train: [] as Item[], validation: [] as Item[], test: [] as Item[] };
  for (const item of items) {
    const place = createHash('sha256').update(`tune:${item.group}`).digest().readUInt32BE(0) / 2 ** 32;
    if (place < fraction) parts.test.push(item);
    else if (place < 2 * fraction) parts.validation.push(item);
    else parts.train.push(item);
  }
  for (const [name, { length }] of Object.entries(parts)) {
    if (length === 0) throw new DataError(`${where}: ${tooFew(items)}: none falls into the ${name} part`);
  }
  return parts;
}

function tooFew(items: readonly { readonly group: string }[]): string {
  const groups = new Set(items.map(({ group }) => group)).size;
  return `expected at least some dozens of groups, got ${groups} of ${items.length} examples`;
}
