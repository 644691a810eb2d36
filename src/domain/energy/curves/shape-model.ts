/** What the shape of power curves is told by. */
export interface ShapeModel {
  /** Fractions of the range from idle to maximum at 0, 10, … 100 % utilisation. */
  readonly mean: readonly number[];
  /** What the fraction can differ by, at the same utilisations. */
  readonly components: readonly (readonly number[])[];
  /** Where the bumps are: idle over maximum, and the natural logarithm of the maximum in watts. */
  readonly centres: readonly (readonly [number, number])[];
  /** Amounts per component: constant, per ratio, per logarithm, then one for each bump. */
  readonly amounts: readonly (readonly number[])[];
  /** What is left of servers' curves: shapes at the same utilisations, and the deviations of their amounts. */
  readonly residuals: readonly { readonly shape: readonly number[]; readonly sd: number }[];
  /** Deviation of fractions that is in none of them. */
  readonly restSd: number;
}
