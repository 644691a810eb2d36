/** The flags of the operator, and the settings they make. */
import { DEFAULT_BUDGET } from '#domain/arbiter/arbiter.ts';
import { MINUTE_MS } from '#domain/units/duration.ts';
import { defineFlags, type FlagValues } from '../cli/flags.ts';
import { priceFlags } from '../cli/price-flags.ts';
import { redisFlags, redisSettings } from './redis-flags.ts';
import { DEFAULT_SETTINGS, type OperatorSettings } from './settings.ts';

export const operatorFlags = defineFlags({
  ...priceFlags,
  ...redisFlags,
  'data-dir': { type: 'text', default: '.kcloud', env: ['KCLOUD_DATA_DIR'], describe: 'folder for state and usage history' },
  'metrics-source': { type: 'text', default: 'auto', choices: ['auto', 'prometheus', 'embedded'], env: ['METRICS_SOURCE'], describe: 'where usage comes from; auto looks for a PromQL store in the cluster' },
  'collect-seconds': { type: 'number', default: 30, min: 1, max: 300, describe: 'how often the embedded collector looks' },
  'operator-namespace': { type: 'text', default: DEFAULT_SETTINGS.namespace, env: ['POD_NAMESPACE'], describe: 'namespace that the operator runs in' },
  'watch-namespace': { type: 'text', env: ['WATCH_NAMESPACE'], describe: 'optimize workloads of this namespace only' },
  'leader-election': { type: 'switch', env: ['LEADER_ELECTION'], describe: 'run beside other replicas, one of which acts' },
  'analysis-minutes': { type: 'number', default: 30, min: 0.01, env: ['ANALYSIS_MINUTES'], describe: 'how often usage is analysed besides the schedule' },
  'max-disruptive-changes': { type: 'number', default: DEFAULT_BUDGET.maxDisruptiveChanges, min: 1, describe: 'rollouts and scale-downs under way at once, in the cluster' },
  'max-disruptive-per-namespace': { type: 'number', default: DEFAULT_BUDGET.maxDisruptivePerNamespace, min: 1, describe: 'the same, in one namespace' },
  'rollback-rest-minutes': { type: 'number', default: DEFAULT_BUDGET.rollbackCooldownMs / MINUTE_MS, min: 0, describe: 'how long a workload rests after a rollback' },
  'metrics-port': { type: 'number', default: 8080, min: 0, max: 65535, env: ['PROMETHEUS_PORT'], describe: 'port of /metrics, /healthz and /readyz' },
  webhooks: { type: 'switch', env: ['WEBHOOKS'], describe: 'serve the admission webhooks' },
  'webhook-port': { type: 'number', default: 9443, min: 0, max: 65535, describe: 'port of the webhooks' },
  'webhook-certificates': { type: 'text', describe: 'folder with tls.crt and tls.key (cert-manager); its own authority where absent' },
  'install-crds': { type: 'switch', describe: 'install the custom resource definitions first' },
  workers: { type: 'number', default: DEFAULT_SETTINGS.workers, min: 1, max: 64, describe: 'CostOptimizations reconciled at once' },
}); // prettier-ignore

type Values = FlagValues<typeof operatorFlags>;

/** `api-qps` comes with the flags of the cluster. */
export function settingsOf(
  values: Values & { readonly 'api-qps': number },
  hostname: string,
  prices: OperatorSettings['prices'],
): OperatorSettings {
  const perSecond = values['api-qps'];
  return {
    ...DEFAULT_SETTINGS,
    namespace: values['operator-namespace'],
    watchNamespace: values['watch-namespace'],
    identity: values['leader-election'] ? hostname : undefined,
    analysisIntervalMs: values['analysis-minutes'] * MINUTE_MS,
    workers: values.workers,
    rateLimit: { perSecond, burst: perSecond * 2 },
    redis: redisSettings(values),
    budget: {
      maxDisruptiveChanges: values['max-disruptive-changes'],
      maxDisruptivePerNamespace: values['max-disruptive-per-namespace'],
      rollbackCooldownMs: values['rollback-rest-minutes'] * MINUTE_MS,
    },
    prices,
  };
}
