/** What CPU and memory are each sized from. */
import type { ContainerUsage } from '../usage/usage.ts';
import type { SizeBounds } from './bounds.ts';
import type { DataRules } from './data-rules.ts';
import type { OomBump } from './floors.ts';
import type { ControlledValues, CurrentSize } from './limits.ts';

/** What the user says about one resource of one container. */
export interface ResourcePolicy extends SizeBounds {
  /** Percentile to cover, 50–100; chosen by cost (CPU) or the peak (memory) where undefined. */
  readonly percentile?: number | undefined;
}

/** One resource of one container, as it is and as it may become. */
export interface ResourceContext {
  readonly container: string;
  readonly nowMs: number;
  readonly current: CurrentSize;
  readonly policy: ResourcePolicy;
  readonly controlled: ControlledValues;
  /** A size that did harm and was rolled back, in cores or bytes. */
  readonly harmful: number | undefined;
  readonly rules: DataRules;
  readonly oomBump: OomBump;
  readonly usage: ContainerUsage;
}
