/**
 * Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, "Parallel Random Numbers: As Easy as
 * 1, 2, 3"). A stream is addressed by numbers, for example (seed, purpose, epoch, sequence), so any draw can
 * be made again without replaying what came before it.
 */

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

export type Uint32x4 = [number, number, number, number];

/** High and low 32 bits of the product of two unsigned 32-bit integers. */
function multiplyHighLow(a: number, b: number): [number, number] {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16);
  const middleLow = (middle & 0xffff) + aLow * bHigh;
  const high = aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(middleLow / 0x10000);
  return [high >>> 0, Math.imul(a, b) >>> 0];
}

/** One Philox4x32-10 block: four random 32-bit words for a 128-bit counter and a 64-bit key. */
export function philox(counter: Readonly<Uint32x4>, key: readonly [number, number]): Uint32x4 {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const [high0, low0] = multiplyHighLow(MULTIPLIER_0, c0);
    const [high1, low1] = multiplyHighLow(MULTIPLIER_1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** What a stream of random numbers is for; part of its address, so that purposes never share draws. */
export const RandomPurpose = {
  initialisation: 1,
  masking: 2,
  shuffling: 3,
  evaluation: 4,
  sampling: 5,
  hashing: 6,
} as const;

export type RandomPurposeId = (typeof RandomPurpose)[keyof typeof RandomPurpose];

/** A stream of random numbers at the address (seed, purpose, first, second). */
export class RandomStream {
  private readonly key: readonly [number, number];
  private readonly counter: Uint32x4;
  private block: Uint32x4 = [0, 0, 0, 0];
  private used = 4;

  /** `seed` is a safe integer; `first` and `second` are unsigned 32-bit integers (epoch, sequence, ...). */
  constructor(seed: number, purpose: RandomPurposeId, first = 0, second = 0) {
    this.key = [seed >>> 0, Math.floor(seed / 0x100000000) >>> 0];
    this.counter = [0, second >>> 0, first >>> 0, purpose];
  }

  /** A uniform unsigned 32-bit integer. */
  nextUint32(): number {
    if (this.used === 4) {
      this.block = philox(this.counter, this.key);
      this.counter[0] = (this.counter[0] + 1) >>> 0;
      this.used = 0;
    }
    return this.block[this.used++] as number;
  }

  /** A uniform number in [0, 1), with 32 bits. */
  nextFloat(): number {
    return this.nextUint32() / 0x100000000;
  }

  /** A uniform integer in [0, bound), without bias (rejection of the incomplete last interval). */
  nextInt(bound: number): number {
    const limit = 0x100000000 - (0x100000000 % bound);
    let word = this.nextUint32();
    while (word >= limit) word = this.nextUint32();
    return word % bound;
  }

  /** A standard normal number (Box-Muller). */
  nextNormal(): number {
    const radius = Math.sqrt(-2 * Math.log((this.nextUint32() + 1) / 0x100000000));
    return radius * Math.cos(2 * Math.PI * this.nextFloat());
  }
}

/** Shuffles `items` in place (Fisher-Yates) and returns it. */
export function shuffleInPlace<T extends { length: number; [index: number]: number }>(
  items: T,
  random: RandomStream,
): T {
  for (let last = items.length - 1; last > 0; last--) {
    const other = random.nextInt(last + 1);
    const kept = items[last] as number;
    items[last] = items[other] as number;
    items[other] = kept;
  }
  return items;
}
