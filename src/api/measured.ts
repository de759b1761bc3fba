/** A median with the extremes around it. */
export interface Measured {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** The median (the upper one of an even number) and the extremes of at least one value. */
export function measured(values: readonly number[]): Measured {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: sorted[Math.floor(sorted.length / 2)] as number,
    least: sorted[0] as number,
    most: sorted.at(-1) as number,
  };
}
