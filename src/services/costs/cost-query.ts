/** The time that is billed. */
export interface CostQuery {
  readonly fromMs: number;
  readonly toMs: number;
}
