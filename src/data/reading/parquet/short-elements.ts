import type { Stretch } from './stretch.js';

/** Bytes of an element of Snappy that is short: a tag, the bytes of a distance or a length, and of a literal those themselves. */
const MOST_SHORT_BYTES = 64;
/** Bytes that are left to be read, so that the head of the next element is among them. */
const KEPT_BYTES = MOST_SHORT_BYTES + 8;
/** Literals from here on say their length in bytes of its own. */
const LONG_LITERAL = 60 << 2;

/**
 * Expands elements of Snappy of at most 64 bytes while there is room for any: the inner loop, in which nothing is called. It stops
 * before an element that is long, or wrong, or may not be whole; whoever calls it reads that one.
 */
export function expandShortElements(from: Stretch, to: Stretch): void {
  const [input, output] = [from.bytes, to.bytes];
  const lastRead = from.end - KEPT_BYTES;
  const lastWrite = to.end - MOST_SHORT_BYTES;
  let [read, write] = [from.at, to.at];
  while (read < lastRead && write <= lastWrite) {
    const tag = input[read] as number;
    const kind = tag & 3;
    if (kind === 0) {
      if (tag >= LONG_LITERAL) break;
      const end = read + 2 + (tag >> 2);
      for (read++; read < end; read++) output[write++] = input[read] as number;
      continue;
    }
    if (kind === 3) break;
    const next = input[read + 1] as number;
    const distance = kind === 1 ? ((tag >> 5) << 8) | next : next | ((input[read + 2] as number) << 8);
    if (distance === 0 || distance > write) break;
    const end = write + (kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1);
    for (let source = write - distance; write < end; source++) output[write++] = output[source] as number;
    read += kind + 1;
  }
  from.at = read;
  to.at = write;
}
