/** The flags of the estimator, with the environment variables of the seed. */
import { readFileSync } from 'node:fs';
import { KcError } from '#errors/kc-error.ts';
import { DEFAULT_ALLOW } from '#services/rest/access/caller.ts';
import { energyFlags } from '../cli/energy-flags.ts';
import { defineFlags } from '../cli/flags.ts';
import { prometheusFlags } from '../cli/prometheus-flags.ts';

export const estimatorFlags = defineFlags({
  ...prometheusFlags,
  ...energyFlags,
  'prometheus-url': { type: 'text', env: ['POWER_PROMETHEUS_URL', 'PROMETHEUS_URL'], describe: 'PromQL store that scrapes the power exporters; without it every watt is modelled' },
  'prometheus-timeout-seconds': { type: 'number', default: 10, min: 0.1, max: 120, env: ['POWER_PROMETHEUS_TIMEOUT'], describe: 'how long it may take for one query' },
  'metrics-interval': { type: 'number', default: 15, min: 1, max: 3600, env: ['POWER_METRICS_INTERVAL'], describe: 'seconds between two collections' },
  window: { type: 'text', default: '5m', env: ['POWER_WINDOW'], describe: 'over which counters become watts, 30s to 1h' },
  'calibration-config-map': { type: 'text', env: ['CALIBRATION_CONFIG_MAP'], describe: 'ConfigMap in its own namespace through which replicas share calibrations; none where absent' },
  'own-namespace': { type: 'text', default: 'kcloud-system', env: ['POD_NAMESPACE'], describe: 'namespace that it runs in' },
  'data-dir': { type: 'text', default: '.kcloud-estimator', env: ['KCLOUD_DATA_DIR'], describe: 'folder for the power history, the outbox and calibrations' },
  'retention-days': { type: 'number', default: 90, min: 1, max: 3650, env: ['RETENTION_DAYS'], describe: 'how long hours are kept' },
  'backfill-hours': { type: 'number', default: 24, min: 0, max: 168, env: ['BACKFILL_HOURS'], describe: 'how far back the PromQL store is asked for what was not collected' },
  'backlog-hours': { type: 'number', default: 6, min: 0.1, max: 168, env: ['BACKLOG_HOURS'], describe: 'how long samples wait for a sink that is down' },
  'backlog-megabytes': { type: 'number', default: 256, min: 1, max: 100_000, env: ['BACKLOG_MEGABYTES'], describe: 'and how many of them at most, packed' },
  port: { type: 'number', default: 8001, min: 0, max: 65535, env: ['PORT'], describe: 'port of the API' },
  host: { type: 'text', default: '0.0.0.0', env: ['HOST'], describe: 'address to listen on' },
  authentication: { type: 'text', default: 'none', choices: ['none', 'token-review'], env: ['AUTHENTICATION'], describe: 'token-review: callers send a token of the cluster' },
  reader: { type: 'list', env: ['API_READERS'], describe: `user or group that may read; repeatable (default ${DEFAULT_ALLOW.readers.join(', ')})` },
  writer: { type: 'list', env: ['API_WRITERS'], describe: `user or group that may calibrate, start and stop; repeatable (default ${DEFAULT_ALLOW.writers.join(', ')})` },
  'token-audience': { type: 'list', env: ['API_TOKEN_AUDIENCES'], describe: 'audience that tokens must be meant for; that of the API server where absent' },
  'requests-per-second': { type: 'number', default: 100, min: 0.1, env: ['REQUESTS_PER_SECOND'], describe: 'requests of one caller; predictions count for several' },
  burst: { type: 'number', default: 500, min: 1, env: ['REQUEST_BURST'], describe: 'how many at once' },
}); // prettier-ignore

export function readFile(file: string, field: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new KcError('KC_CONFIG_INVALID', { field, problem: `cannot read ${file}`, cause: error });
  }
}
