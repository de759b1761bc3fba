import { ShapeError } from '../../core/index.js';

/** A size that is known when the model runs: an axis of one of its inputs. */
export interface DynamicSize {
  /** How the dimension is called in the model, such as `batch_size`. */
  readonly name: string;
  /** The input whose axis it is. */
  readonly input: string;
  readonly axis: number;
  /** The largest size that constants of the graph must serve. */
  readonly most: number;
}

/** A dynamic size with the number that stands for it while the graph is built. */
export interface StandIn extends DynamicSize {
  readonly prime: number;
}

/** A dimension as a product: a fixed factor times dynamic sizes, each as often as it occurs. */
export interface FactoredSize {
  readonly factor: number;
  readonly sizes: readonly StandIn[];
}

/**
 * Numbers to build a graph at, such that every dimension tells of which dynamic sizes it is a product: primes above
 * what constants must serve, none of which divides a fixed dimension of the model. `skip` gives further choices.
 */
export function chooseStandIns(
  sizes: readonly DynamicSize[],
  fixedDimensions: Iterable<number>,
  skip: number,
): StandIn[] {
  const fixed = new Set(fixedDimensions);
  const taken = new Set<number>();
  return sizes.map((size) => {
    let candidate = size.most;
    for (let left = skip; left >= 0; left--) candidate = nextStandIn(candidate + 1, fixed, taken);
    taken.add(candidate);
    return { ...size, prime: candidate };
  });
}

function nextStandIn(from: number, fixed: ReadonlySet<number>, taken: ReadonlySet<number>): number {
  let candidate = from;
  while (!isPrime(candidate) || taken.has(candidate) || [...fixed].some((size) => size % candidate === 0)) {
    candidate++;
  }
  return candidate;
}

function isPrime(value: number): boolean {
  if (value < 2) return false;
  for (let divisor = 2; divisor * divisor <= value; divisor++) if (value % divisor === 0) return false;
  return true;
}

/** Takes a dimension apart; one that is no multiple of a stand-in is its own factor. */
export function factorSize(size: number, standIns: readonly StandIn[]): FactoredSize {
  let factor = size;
  const sizes: StandIn[] = [];
  for (const standIn of standIns) {
    while (factor > 0 && factor % standIn.prime === 0) {
      factor /= standIn.prime;
      sizes.push(standIn);
    }
  }
  return { factor, sizes };
}

/** The name of an output's dimension; a ShapeError where it is a product, which ONNX has no name for. */
export function dimensionName(size: number, standIns: readonly StandIn[], where: string): number | string {
  const { factor, sizes } = factorSize(size, standIns);
  const [only] = sizes;
  if (!only) return size;
  if (sizes.length > 1 || factor !== 1) {
    const product = [factor, ...sizes.map(({ name }) => name)].join(' * ');
    throw new ShapeError(`${where}: a dimension is ${product}; reshape it so that each axis is one size`);
  }
  return only.name;
}
