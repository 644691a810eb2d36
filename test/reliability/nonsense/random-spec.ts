/** Specs as a confused person, or a broken generator, would write them: most fields right, some at an edge, some nonsense. */
import { pick, type Random, randomInt } from '#platform/random.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** What fits no field. */
const NONSENSE: readonly Json[] = [
  null,
  true,
  -1,
  0,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER,
  '',
  ' ',
  'none',
  '💥',
  'a'.repeat(300),
  '../../etc/passwd',
  [],
  [null],
  {},
  { name: 'web' },
];

/** What each field may well hold, edges included; what an API server takes and no operator can read among it. */
const FIELDS: Readonly<Record<string, readonly Json[]>> = {
  optimizationType: ['CPU', 'MEMORY', 'REPLICAS', 'ALL', 'SPOT_INSTANCES', 'SCHEDULED_SCALING'],
  maxChangePercent: [1, 50, 80, 100],
  minConfidence: [0, 0.2, 1],
  maxRiskLevel: ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'],
  dryRun: [true, false, false],
  autoApply: [true, false],
  rollbackOnFailure: [true, false],
  suspend: [false, false, true],
  metricsWindow: ['1h', '24h', '7d', '90d', '91d', '9999h'],
  verificationWindow: ['1s', '2m', '15m', '999999d'],
  schedule: ['*/15 * * * *', '0 3 * * 0', '61 * * * *', 'every day', '* * * * * * *', '0 0 30 2 *'],
  timeZone: ['Asia/Seoul', 'UTC', 'Mars/Olympus'],
  updateStrategy: ['Auto', 'InPlace', 'Rollout'],
  gitOps: ['Respect', 'Override'],
  minReplicas: [1, 3, 1_000_000],
  slo: [
    [],
    [{ promql: 'up', max: 1 }],
    [{ promql: '}{', max: -1 }],
    [{ name: 'p99', promql: 'sum(', max: 1e300 }],
  ],
  containers: [
    [],
    [{ name: '*', mode: 'Off' }],
    [{ name: 'app-0', minCpu: '4', maxCpu: '1m' }],
    [{ name: 'app-0', minMemory: 'lots', maxCpu: '-3' }],
    [{ name: 'nobody', cpuPercentile: 50, memoryPercentile: 100 }],
    [{ name: 'app-0', minCpu: 1e15, minMemory: '1e30' }],
  ],
  spot: [{}, { minOnDemand: '20%' }, { minOnDemand: 'most' }, { maxInterruptionsPerDay: 0 }],
  scaling: [{}, { windows: [] }],
};

export function randomSpec(random: Random, { kind, name }: WorkloadRef): Json {
  const spec: Record<string, Json> = {
    targetWorkload: { kind, name },
    optimizationType: 'CPU',
    dryRun: false,
  };
  for (const [field, values] of Object.entries(FIELDS)) {
    const draw = random.next();
    if (draw < 0.45) spec[field] = pick(random, values);
    else if (draw < 0.47) spec[field] = pick(random, NONSENSE);
  }
  if (random.next() < 0.05) spec['targetWorkload'] = pick(random, NONSENSE);
  if (random.next() < 0.1) spec['targetWorkload'] = { kind, name: 'nobody' };
  return spec;
}

/** Requests, and marks as only the operator should set them. */
export function randomAnnotations(random: Random): Record<string, string> {
  const values = ['true', '', 'now', '💥', 'a'.repeat(2000), '{"a":', '0'];
  const names = [
    'optimization.k8s.io/approve',
    'optimization.k8s.io/rollback',
    'optimization.k8s.io/accept',
    'optimization.k8s.io/unheard-of',
  ];
  const count = randomInt(random, 3);
  return Object.fromEntries(Array.from({ length: count }, () => [pick(random, names), pick(random, values)]));
}
