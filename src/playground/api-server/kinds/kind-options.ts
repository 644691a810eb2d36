/** The rules of the built-in kinds, gathered. */
import type { KindOptions } from '../resources/kind-rules.ts';
import { BATCH_KINDS } from './batch-kinds.ts';
import { CLUSTER_KINDS } from './cluster-kinds.ts';
import { CORE_KINDS } from './core-kinds.ts';
import { POD_KIND } from './pod-kind.ts';
import { WORKLOAD_KINDS } from './workload-kinds.ts';

/** What a kind says of itself apart from the status, which the schema tells of. */
export type BuiltinOptions = Omit<KindOptions, 'status'> & {
  /** Metadata that a status update may not change. */
  readonly statusKeepsMeta?: NonNullable<KindOptions['status']>['keepsMeta'];
  readonly validateStatus?: NonNullable<KindOptions['status']>['validate'];
  /** The status is made anew on creation; nodes come with theirs. */
  readonly keepsStatusOnCreate?: boolean;
};

/** By `group/plural`. */
export const KIND_OPTIONS: Readonly<Record<string, BuiltinOptions>> = {
  ...POD_KIND,
  ...CORE_KINDS,
  ...WORKLOAD_KINDS,
  ...BATCH_KINDS,
  ...CLUSTER_KINDS,
};
