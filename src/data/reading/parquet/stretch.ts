/** A stretch of bytes: what is left to read, or what is written and free. */
export interface Stretch {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
}
