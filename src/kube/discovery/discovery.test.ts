import { beforeEach, describe, expect, it } from 'vitest';
import { DEPLOYMENTS, PODS } from '../client/builtin-types.ts';
import { KubeClient } from '../client/kube-client.ts';
import { FakeApiServer, failure, success } from '../testing/fake-api-server.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { Discovery } from './discovery.ts';

let clock: ManualClock;
let server: FakeApiServer;
let discovery: Discovery;
let answers: Record<string, unknown>;

beforeEach(() => {
  clock = new ManualClock();
  server = new FakeApiServer();
  discovery = new Discovery(new KubeClient(server), clock);
  answers = {
    '/version': { major: '1', minor: '36+', gitVersion: 'v1.36.3-gke.1' },
    '/apis/apps': {
      versions: [{ version: 'v1beta1' }, { version: 'v1' }],
      preferredVersion: { version: 'v1' },
    },
    '/api/v1': { resources: [{ name: 'pods' }, { name: 'pods/resize' }] },
  };
  server.intercept = ({ path }) =>
    path in answers ? success(answers[path]) : failure(404, 'NotFound', 'no');
});

describe('discovery', () => {
  it('tells the version of the server, whatever its provider adds to it', async () => {
    expect(await discovery.serverVersion()).toEqual({ major: 1, minor: 36, gitVersion: 'v1.36.3-gke.1' });
  });

  it('tells what is offered and what is not', async () => {
    expect(await discovery.offers(PODS)).toBe(true);
    expect(await discovery.offers(PODS, 'resize')).toBe(true);
    expect(await discovery.offers(PODS, 'binding')).toBe(false);
    expect(await discovery.offers(DEPLOYMENTS)).toBe(false);
    expect(await discovery.versions('apps')).toEqual(['v1', 'v1beta1']);
    expect(await discovery.versions('unknown.io')).toEqual([]);
  });

  it('remembers for five minutes, or until told to forget', async () => {
    await Promise.all([discovery.offers(PODS), discovery.offers(PODS, 'resize')]);
    expect(server.requests).toHaveLength(1);
    await clock.advance(300_000);
    await discovery.offers(PODS);
    expect(server.requests).toHaveLength(2);
    discovery.forget();
    await discovery.offers(PODS);
    expect(server.requests).toHaveLength(3);
  });

  it('fails where the server cannot say, and asks again the next time', async () => {
    const { intercept } = server;
    server.intercept = () => failure(503, 'ServiceUnavailable', 'no');
    await expect(discovery.offers(PODS, 'resize')).rejects.toThrow('503');
    server.intercept = intercept;
    expect(await discovery.offers(PODS, 'resize')).toBe(true);
  });
});
