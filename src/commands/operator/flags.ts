/** The flags of the operator, and the settings they make. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { DEFAULT_BUDGET } from '#domain/arbiter/arbiter.ts';
import type { NodePriceList } from '#domain/cost/node-prices.ts';
import { DEFAULT_PRICES, type ResourcePrices } from '#domain/cost/resource-prices.ts';
import { MINUTE_MS } from '#domain/units/duration.ts';
import { KcError } from '#errors/kc-error.ts';
import { defineFlags, type FlagValues } from '../cli/flags.ts';
import { redisFlags, redisSettings } from './redis-flags.ts';
import { DEFAULT_SETTINGS, type OperatorSettings } from './settings.ts';

export const priceFlags = defineFlags({
  'cpu-usd-per-core-hour': { type: 'number', min: 0, env: ['CPU_USD_PER_CORE_HOUR'], describe: `price of a core (default ${DEFAULT_PRICES.cpuUsdPerCoreHour})` },
  'memory-usd-per-gib-hour': { type: 'number', min: 0, env: ['MEMORY_USD_PER_GIB_HOUR'], describe: `price of a GiB (default ${DEFAULT_PRICES.memoryUsdPerGibHour})` },
  'price-list': { type: 'text', env: ['PRICE_LIST'], describe: 'YAML file with USD per hour by instance type, e.g. "m6i.xlarge: 0.192"' },
}); // prettier-ignore

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
    prices: pricesOf(values),
  };
}

/** The base rates and the price list that the flags name. Throws KC_CONFIG_INVALID for a list that is none. */
export function pricesOf(values: FlagValues<typeof priceFlags>): OperatorSettings['prices'] {
  const cpu = values['cpu-usd-per-core-hour'];
  const memory = values['memory-usd-per-gib-hour'];
  const configured = cpu !== undefined || memory !== undefined;
  const base: ResourcePrices = {
    cpuUsdPerCoreHour: cpu ?? DEFAULT_PRICES.cpuUsdPerCoreHour,
    memoryUsdPerGibHour: memory ?? DEFAULT_PRICES.memoryUsdPerGibHour,
    source: configured ? 'configured' : 'default',
  };
  return { base, nodes: readPriceList(values['price-list']) };
}

function readPriceList(file: string | undefined): NodePriceList {
  if (file === undefined) return {};
  const list: unknown = parse(readFileSync(file, 'utf8'));
  const entries = Object.entries(typeof list === 'object' && list !== null ? list : {});
  const wrong = entries.find(([, usd]) => typeof usd !== 'number' || !(usd >= 0));
  if (entries.length === 0 || wrong !== undefined) {
    const problem = wrong === undefined ? 'holds no prices' : `the price of ${wrong[0]} is not a number`;
    throw new KcError('KC_CONFIG_INVALID', { object: file, field: '--price-list', problem });
  }
  return Object.fromEntries(entries);
}
