import { type RandomStream, shuffleInPlace } from '../core/index.js';

/** Neighbouring positions that are masked together: [first, last], both included, as places in the list of maskable ones. */
export interface Unit {
  readonly first: number;
  readonly last: number;
}

const sizeOf = ({ first, last }: Unit) => last - first + 1;

/** Cuts the maskable positions into units: one begins at every gap, and wherever `begins` says so. */
export function unitsOf(maskable: Int32Array, begins: (position: number) => boolean): Unit[] {
  const units: Unit[] = [];
  for (let place = 0, first = 0; place < maskable.length; place++) {
    const next = place + 1;
    const isEnd =
      next === maskable.length ||
      maskable[next] !== (maskable[place] as number) + 1 ||
      begins(maskable[next] as number);
    if (!isEnd) continue;
    units.push({ first, last: place });
    first = next;
  }
  return units;
}

/**
 * Exactly `count` of the maskable positions as whole units, in random order, those left out that do not fit any more.
 * Where no unit fits into what is left, one is cut to it, so that the number of predictions is the same for every
 * strategy. Ascending.
 */
export function chooseUnits(
  maskable: Int32Array,
  units: readonly Unit[],
  count: number,
  random: RandomStream,
): Int32Array {
  const order = shuffleInPlace(Int32Array.from(units.keys()), random);
  const chosen: number[] = [];
  let cut: Unit | undefined;
  for (const index of order) {
    const unit = units[index] as Unit;
    if (chosen.length === count) break;
    if (chosen.length + sizeOf(unit) > count) cut ??= unit;
    else take(chosen, unit);
  }
  if (chosen.length < count && cut) take(chosen, { ...cut, last: cut.first + count - chosen.length - 1 });
  return Int32Array.from(chosen, (place) => maskable[place] as number).sort();
}

function take(places: number[], { first, last }: Unit): void {
  for (let place = first; place <= last; place++) places.push(place);
}
