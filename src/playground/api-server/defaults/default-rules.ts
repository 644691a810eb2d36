/**
 * The defaults of the built-in kinds, as pkg/apis/<group>/<version>/defaults.go of Kubernetes sets them. Defaults that are
 * marked in the Go types come with the schema; these are the ones that are written as code.
 */
import type { DefaultRule, DefaultRules } from '../decode/decoder.ts';
import { BATCH_DEFAULTS } from './batch-defaults.ts';
import { CORE_DEFAULTS } from './core-defaults.ts';
import { EXTENSION_DEFAULTS } from './extension-defaults.ts';
import { POD_DEFAULTS } from './pod-defaults.ts';
import { SERVICE_DEFAULTS } from './service-defaults.ts';
import { WORKLOAD_DEFAULTS } from './workload-defaults.ts';

const TABLES: readonly Readonly<Record<string, DefaultRule>>[] = [
  POD_DEFAULTS,
  CORE_DEFAULTS,
  SERVICE_DEFAULTS,
  WORKLOAD_DEFAULTS,
  BATCH_DEFAULTS,
  EXTENSION_DEFAULTS,
];

/** By full definition name; the tables leave `io.k8s.api.` out. */
export const DEFAULT_RULES: DefaultRules = new Map(
  TABLES.flatMap((table) => Object.entries(table)).map(([name, rule]) => [
    name.startsWith('io.k8s.') ? name : `io.k8s.api.${name}`,
    rule,
  ]),
);
