/** The few distributions that tests of what happened against what was declared need. */

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
const EPSILON = 1e-15;
const MOST_TERMS = 100_000;

/** log of the gamma function for x > 0 (Lanczos 1964, g = 7, 9 coefficients). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  const base = z + 7.5;
  const series = LANCZOS.reduce(
    (sum, coefficient, index) => sum + coefficient / (z + index + 1),
    0.99999999999980993,
  );
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(base) - base + Math.log(series);
}

/**
 * Probability that a chi-squared variable of `degrees` degrees of freedom exceeds `statistic`: the regularised upper
 * incomplete gamma function Q(degrees / 2, statistic / 2), by its series or its continued fraction (Lentz 1976).
 */
export function chiSquaredPValue(statistic: number, degrees: number): number {
  const [a, x] = [degrees / 2, statistic / 2];
  if (x <= 0) return 1;
  if (!Number.isFinite(x)) return 0;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? Math.max(0, 1 - front * lowerSeries(a, x)) : front * upperFraction(a, x);
}

function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < MOST_TERMS && term > sum * EPSILON; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / Number.MIN_VALUE ** 0.5;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < MOST_TERMS; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    const change = c * d;
    fraction *= change;
    if (Math.abs(change - 1) < EPSILON) break;
  }
  return fraction;
}

/** Two-sided probability that a standard normal variable lies farther from 0 than `z`. */
export function normalPValue(z: number): number {
  return chiSquaredPValue(z * z, 1);
}

/**
 * t such that a Student variable of `degrees` >= 1 degrees of freedom lies within -t .. t with probability `confidence`:
 * bisection of its distribution function, integrated by Simpson's rule over theta = atan(t / sqrt(degrees)), where the
 * density is a power of a cosine.
 */
export function studentQuantile(confidence: number, degrees: number): number {
  const inside = (theta: number) => cosinePowerIntegral(theta, degrees - 1);
  const wanted = confidence * inside(Math.PI / 2);
  let [low, high] = [0, Math.PI / 2];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (inside(middle) < wanted) low = middle;
    else high = middle;
  }
  return Math.sqrt(degrees) * Math.tan((low + high) / 2);
}

/** Integral of cos^power from 0 to `end`. */
function cosinePowerIntegral(end: number, power: number): number {
  const intervals = 400;
  const width = end / intervals;
  let sum = 0;
  for (let index = 0; index <= intervals; index++) {
    const weight = index === 0 || index === intervals ? 1 : 2 + 2 * (index % 2);
    sum += weight * Math.cos(index * width) ** power;
  }
  return (sum * width) / 3;
}

/** A mean with the half width of its 95 % interval; undefined for fewer than two values. */
export interface MeanInterval {
  readonly mean: number;
  readonly halfWidth: number | undefined;
}

/** Mean of independent values and its 95 % interval by Student's distribution. */
export function meanInterval(values: readonly number[]): MeanInterval {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, halfWidth: undefined };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return { mean, halfWidth: studentQuantile(0.95, n - 1) * Math.sqrt(variance / n) };
}

/** A ratio of sums with the half width of its 95 % interval; undefined for fewer than two parts. */
export interface RatioInterval {
  readonly ratio: number;
  readonly halfWidth: number | undefined;
}

/**
 * Ratio of the sums of two quantities that independent parts have, and its 95 % interval: Student's distribution on the
 * parts' residuals (the ratio estimator's linearised variance; Cochran 1977, "Sampling Techniques", chapter 6).
 */
export function ratioInterval(numerators: readonly number[], denominators: readonly number[]): RatioInterval {
  const n = numerators.length;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const whole = sum(denominators);
  const ratio = sum(numerators) / whole;
  if (n < 2) return { ratio, halfWidth: undefined };
  const residuals = numerators.map((value, part) => value - ratio * (denominators[part] as number));
  const variance = (n / (n - 1)) * sum(residuals.map((residual) => residual ** 2));
  return { ratio, halfWidth: (studentQuantile(0.95, n - 1) * Math.sqrt(variance)) / whole };
}
