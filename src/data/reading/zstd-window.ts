/** What the head of a frame takes at most. */
const HEAD_BYTES = 18;
const MAGIC = 0xfd2fb528;
/** As far as zstd itself goes, unless it is told otherwise. */
const MOST_BYTES = 1 << 27;
/** Bytes of the size of what is in a frame, by the two bits that say so, where all of it is the window. */
const SIZE_BYTES = [1, 2, 4, 8] as const;
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;

/** A frame that asks for too much memory. */
export class WindowError extends Error {}

/** Looks at the beginning of a Zstandard stream: whoever expands it holds a window whose size it says. */
export class WindowCheck {
  private head: Buffer = Buffer.alloc(0);

  /** Looks at the next bytes. Throws a WindowError for a window of more than 128 MiB. */
  push(bytes: Uint8Array): void {
    if (this.head.length === HEAD_BYTES) return;
    this.head = Buffer.concat([this.head, bytes.subarray(0, HEAD_BYTES - this.head.length)]);
    const size = windowBytes(this.head);
    if (size > MOST_BYTES) {
      throw new WindowError(`its window is ${size} bytes, at most ${MOST_BYTES} are held`);
    }
  }
}

/** 0 where the head is not whole, or none. */
function windowBytes(head: Buffer): number {
  if (head.length < HEAD_BYTES || head.readUInt32LE(0) !== MAGIC) return 0;
  const flags = head[4] as number;
  const window = head[5] as number;
  if ((flags & 0x20) === 0) return 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8);
  const at = 5 + (DICTIONARY_BYTES[flags & 3] ?? 0);
  const size = SIZE_BYTES[flags >> 6] ?? 1;
  return size === 8 ? Number(head.readBigUInt64LE(at)) : head.readUIntLE(at, size);
}
