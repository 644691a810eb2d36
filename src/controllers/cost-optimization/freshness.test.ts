import { describe, expect, it } from 'vitest';
import { KubeClient } from '#kube/client/kube-client.ts';
import type { Transport } from '#kube/transport/transport.ts';
import { silentLogger } from '#platform/logger.ts';
import { isUpToDate } from './freshness.ts';
import { observation, target } from './testing.ts';
import type { WriteDependencies } from './write-objects.ts';

const AT = 'optimization.k8s.io/optimized-at';
const RESOURCES = { requests: { cpu: '2', memory: '4Gi' }, limits: { memory: '4Gi' } };

interface Live {
  readonly uid?: string;
  readonly cpu?: string;
  readonly annotations?: Record<string, string>;
}

/** An API server whose Deployment has moved on to version 6. */
function serverOf({ uid = 'w1', cpu = '2', annotations = {} }: Live): Transport {
  const resources = { ...RESOURCES, requests: { ...RESOURCES.requests, cpu } };
  const template = { spec: { containers: [{ name: 'app', resources }] } };
  const metadata = { name: 'web', namespace: 'shop', uid, resourceVersion: '6', annotations };
  const text = JSON.stringify({ metadata, spec: { replicas: 2, template } });
  return {
    send: () =>
      Promise.resolve({
        status: 200,
        headers: {},
        text: () => Promise.resolve(text),
        chunks: async function* () {
          yield await Promise.resolve(text);
        },
      }),
  };
}

function ask(live: Live, seen = target()): Promise<boolean> {
  const client = new KubeClient(serverOf(live));
  const deps: WriteDependencies = {
    client,
    cluster: {} as WriteDependencies['cluster'],
    logger: silentLogger,
  };
  return isUpToDate(observation({ target: seen }), deps);
}

describe('a local copy', () => {
  it('is up to date where only what nobody manages has moved on', async () => {
    expect(await ask({ annotations: { owner: 'shop' } })).toBe(true);
  });

  it.each<[string, Live]>([
    ['a size is another', { cpu: '1' }],
    ['the workload is another of the same name', { uid: 'w2' }],
    ['our mark was put on since: sizes in place leave no other trace', { annotations: { [AT]: 'now' } }],
  ])('is old where %s', async (_how, live) => {
    expect(await ask(live)).toBe(false);
  });

  it('of a workload that is gone is old, and none of none is not', async () => {
    const gone = new KubeClient({
      send: () =>
        Promise.resolve({
          status: 404,
          headers: {},
          text: () => Promise.resolve('{"code":404}'),
          chunks: async function* () {
            yield await Promise.resolve('');
          },
        }),
    });
    const deps: WriteDependencies = {
      client: gone,
      cluster: {} as WriteDependencies['cluster'],
      logger: silentLogger,
    };
    expect(await isUpToDate(observation(), deps)).toBe(false);
    expect(await isUpToDate(observation({ target: undefined }), deps)).toBe(true);
  });
});
