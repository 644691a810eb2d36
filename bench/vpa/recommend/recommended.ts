/** What a recommender says of one workload. */
/** One container, in cores and bytes. */
export interface Bounds {
  readonly target: number;
  readonly lower: number;
  readonly upper: number;
}

export interface Recommended {
  readonly cpu: Bounds;
  readonly memory: Bounds;
}
