/** What the steps of one program run reported. */
export interface StepsReport {
  /** Steps done so far. */
  readonly step: number;
  /** Steps of the whole run: planned, or estimated from the speed so far while a time budget is open. */
  readonly totalSteps: number;
  readonly lossNats: readonly number[];
  readonly accuracy: readonly number[];
  readonly gradientNorm: readonly number[];
  /** Of each of these steps. */
  readonly learningRates: readonly number[];
  readonly learningRate: number;
  /** Steps that changed nothing, because their loss or gradient was not finite: places in the lists above. */
  readonly skipped: readonly number[];
  readonly elapsedMs: number;
}
