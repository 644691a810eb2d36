import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SystemClock } from '#platform/clock.ts';
import { parseFlags } from './flags.ts';
import { prometheusEndpoint, prometheusFlags, prometheusMatchers } from './prometheus-flags.ts';

const folder = mkdtempSync(join(tmpdir(), 'kcloud-flags-'));
const file = join(folder, 'file');
writeFileSync(file, 'text');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const clock = new SystemClock();
const URL = '--prometheus-url=https://mimir.example/prometheus';

function valuesOf(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return parseFlags(prometheusFlags, args, env).values;
}

const endpointOf = (...args: readonly string[]) => prometheusEndpoint(valuesOf(args), clock);

describe('the flags of a PromQL store', () => {
  it('name it with its path, tenant and parameters', () => {
    const endpoint = endpointOf(`${URL}?max_source_resolution=5m`, '--prometheus-header=X-Scope-OrgID: team');
    expect(endpoint).toMatchObject({
      name: 'https://mimir.example/prometheus',
      pathPrefix: '/prometheus',
      headers: { 'x-scope-orgid': 'team' },
      parameters: { max_source_resolution: '5m', partial_response: 'false' },
    });
    expect(endpointOf()).toBeUndefined();
  });

  it('name the cluster, in either way and in variables', () => {
    const labels = ['--cluster-label=cluster=prod', '--prometheus-label=region=eu'];
    expect(prometheusMatchers(valuesOf(labels))).toEqual({ cluster: 'prod', region: 'eu' });
    const env = { PROMETHEUS_LABELS: 'cluster=prod,region=eu' };
    expect(prometheusMatchers(valuesOf([], env))).toEqual({ cluster: 'prod', region: 'eu' });
    expect(prometheusMatchers(valuesOf([], { CLUSTER_LABEL: 'k8s_cluster=a' }))).toEqual({
      k8s_cluster: 'a',
    });
  });

  it('switch off the check of certificates in so many words only, and show it', () => {
    expect(endpointOf(URL, '--prometheus-insecure')?.name).toContain('certificate not verified');
    expect(endpointOf(URL)?.name).not.toContain('not verified');
  });

  it.each([
    [['--prometheus-insecure', `--prometheus-ca-file=${file}`], /contradict/],
    [['--prometheus-certificate-file=x'], /go together/],
    [
      [`--prometheus-certificate-file=${file}`, '--prometheus-key-file=missing'],
      /--prometheus-key-file.*cannot read/,
    ],
    [['--prometheus-ca-file=missing'], /--prometheus-ca-file.*cannot read/],
    [['--prometheus-token-file=missing'], /--prometheus-token-file.*cannot read/],
    [[`--prometheus-token-file=${file}`, '--prometheus-username=me'], /choose one/],
    [['--prometheus-header=nonsense'], /--prometheus-header/],
  ])('are refused where they cannot be meant: %j', (args, message) => {
    expect(() => endpointOf(URL, ...args)).toThrow(message);
  });

  it('refuse to skip the check of a certificate that there is not', () => {
    expect(() => endpointOf('--prometheus-url=http://prometheus:9090', '--prometheus-insecure')).toThrow(
      /https/,
    );
  });
});
