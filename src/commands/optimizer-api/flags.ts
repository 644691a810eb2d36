/** The flags of the optimizer API. */
import { defineFlags, type FlagValues } from '../cli/flags.ts';
import { priceFlags } from '../cli/price-flags.ts';
import { DEFAULT_SETTINGS } from '../operator/settings.ts';
import type { AllowRule } from '#services/rest/access/caller.ts';
import { DEFAULT_ALLOW } from '#services/rest/access/caller.ts';

export const optimizerFlags = defineFlags({
  ...priceFlags,
  port: { type: 'number', default: 8000, min: 0, max: 65535, env: ['PORT'], describe: 'port of the API' },
  host: { type: 'text', default: '0.0.0.0', env: ['HOST'], describe: 'address to listen on' },
  window: { type: 'text', default: '7d', env: ['METRICS_WINDOW'], describe: 'how far back usage is read, 1h to 90d' },
  'cluster-name': { type: 'text', default: 'default', env: ['CLUSTER_NAME'], describe: 'name of the cluster in answers' },
  'metrics-source': { type: 'text', default: 'auto', choices: ['auto', 'prometheus', 'embedded'], env: ['METRICS_SOURCE'], describe: 'where usage comes from; auto looks for a PromQL store in the cluster' },
  history: { type: 'text', env: ['USAGE_HISTORY'], describe: 'usage history that an operator beside it collects, read only' },
  state: { type: 'text', env: ['STATE_FILE'], describe: 'state file of an operator beside it, for realised savings; read only' },
  'data-dir': { type: 'text', default: '.kcloud-optimizer', env: ['KCLOUD_DATA_DIR'], describe: 'folder for a usage history of its own' },
  'collect-seconds': { type: 'number', default: 30, min: 1, max: 300, describe: 'how often its own collector looks' },
  'operator-namespace': { type: 'text', default: DEFAULT_SETTINGS.namespace, env: ['POD_NAMESPACE'], describe: 'namespace that KCloud runs in' },
  'watch-namespace': { type: 'text', env: ['WATCH_NAMESPACE'], describe: 'answer for workloads of this namespace only' },
  reader: { type: 'list', env: ['API_READERS'], describe: `user or group that may read; repeatable (default ${DEFAULT_ALLOW.readers.join(', ')})` },
  writer: { type: 'list', env: ['API_WRITERS'], describe: `user or group that may apply; repeatable (default ${DEFAULT_ALLOW.writers.join(', ')})` },
  'token-audience': { type: 'list', env: ['API_TOKEN_AUDIENCES'], describe: 'audience that tokens must be meant for; that of the API server where absent' },
  'insecure-no-authentication': { type: 'switch', describe: 'let everybody who reaches the port read and apply' },
  'requests-per-second': { type: 'number', default: 50, min: 0.1, describe: 'requests of one caller; analyses count for several' },
  burst: { type: 'number', default: 200, min: 1, describe: 'how many at once' },
}); // prettier-ignore

type Values = FlagValues<typeof optimizerFlags>;

/** Whom the flags let in. */
export function allowOf({ reader, writer }: Pick<Values, 'reader' | 'writer'>): AllowRule {
  return {
    readers: reader.length > 0 ? reader : DEFAULT_ALLOW.readers,
    writers: writer.length > 0 ? writer : DEFAULT_ALLOW.writers,
  };
}
