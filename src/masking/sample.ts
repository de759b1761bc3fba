import type { RandomStream } from '../core/index.js';

/** `count` of the `values`, every subset equally likely (a partial Fisher-Yates shuffle), ascending. */
export function sampleUniformly(values: Int32Array, count: number, random: RandomStream): Int32Array {
  const pool = Int32Array.from(values);
  for (let chosen = 0; chosen < count; chosen++) {
    const other = chosen + random.nextInt(pool.length - chosen);
    const kept = pool[chosen] as number;
    pool[chosen] = pool[other] as number;
    pool[other] = kept;
  }
  return pool.slice(0, count).sort();
}

/**
 * `count` of the `values` without replacement, each draw in proportion to exp(logWeight) of what is left: the largest
 * keys log(weight) - log(-log(u)) (Efraimidis and Spirakis 2006, with Gumbel's noise). One draw of `random` a value;
 * ascending.
 */
export function sampleByWeight(
  values: Int32Array,
  logWeight: (value: number) => number,
  count: number,
  random: RandomStream,
): Int32Array {
  const keys = Float64Array.from(
    values,
    (value) => logWeight(value) - Math.log(-Math.log(openUniform(random))),
  );
  const order = Uint32Array.from(values.keys()).sort(
    (a, b) => (keys[b] as number) - (keys[a] as number) || a - b,
  );
  return Int32Array.from(order.subarray(0, count), (index) => values[index] as number).sort();
}

/** A uniform number in (0, 1), ends left out. */
function openUniform(random: RandomStream): number {
  return (random.nextUint32() + 0.5) / 0x100000000;
}
