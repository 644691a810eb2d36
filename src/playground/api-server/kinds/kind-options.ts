/** The rules of the built-in kinds, gathered. */
import { BATCH_KINDS } from './batch-kinds.ts';
import type { BuiltinOptions } from './builtin-options.ts';
import { CLUSTER_KINDS } from './cluster-kinds.ts';
import { CORE_KINDS } from './core-kinds.ts';
import { POD_KIND } from './pod-kind.ts';
import { WORKLOAD_KINDS } from './workload-kinds.ts';

/** By `group/plural`. */
export const KIND_OPTIONS: Readonly<Record<string, BuiltinOptions>> = {
  ...POD_KIND,
  ...CORE_KINDS,
  ...WORKLOAD_KINDS,
  ...BATCH_KINDS,
  ...CLUSTER_KINDS,
};
