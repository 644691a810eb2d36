/** A real API server that crashes, hangs and forgets. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CONFIG_MAPS } from '#kube/client/builtin-types.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { connect } from '#kube/config/connect.ts';
import { loadConfig } from '#kube/config/load-config.ts';
import { RetryingTransport } from '#kube/transport/retrying-transport.ts';
import { systemRandom } from '#platform/random.ts';
import { type ControlPlane, startControlPlane } from '../../testenv/control-plane/control-plane.ts';
import { eventually } from '../../testenv/processes/eventually.ts';
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { configMap, freshNamespace, informersOf } from './api-contract.ts';
import { clock } from './process.ts';

describeTargets(
  'trouble with the API server',
  () => {
    let controlPlane: ControlPlane;
    let client: KubeClient;

    beforeAll(async () => {
      controlPlane = await startControlPlane({ controllers: [], scheduler: false });
      const config = await loadConfig({ clock, kubeconfig: controlPlane.kubeconfigPath });
      client = new KubeClient(new RetryingTransport(connect(config, clock), { clock, random: systemRandom }));
    });

    afterAll(() => controlPlane.stop());

    it('is survived by an informer: nothing is lost over a crash', async () => {
      const namespace = await freshNamespace(client);
      const stop = new AbortController();
      const informers = informersOf(client);
      const informer = informers.of(CONFIG_MAPS, { namespace });
      const run = informers.run(stop.signal);
      await informer.whenSynced();
      const told: string[] = [];
      informer.onChange(({ type, object }) => told.push(`${type} ${object.metadata?.name ?? ''}`));
      await client.create(CONFIG_MAPS, configMap(namespace, 'before'));
      await controlPlane.restartApiServer();
      await client.create(CONFIG_MAPS, configMap(namespace, 'after'));
      await eventually(
        'the informer to follow again',
        () => informer.store.get({ namespace, name: 'after' }) !== undefined,
      );
      expect(told).toEqual(['ADDED before', 'ADDED after']);
      expect(informer.lastError).toBeUndefined();
      stop.abort();
      await run;
    });

    it('is survived by a read: it is repeated until the server is back', async () => {
      const namespace = await freshNamespace(client);
      await client.create(CONFIG_MAPS, configMap(namespace, 'a'));
      const restarted = controlPlane.restartApiServer();
      const read = client.get(CONFIG_MAPS, { namespace, name: 'a' });
      await restarted;
      expect((await read).data).toEqual({ value: '1' });
    });

    it('shows in time where a server hangs', async () => {
      controlPlane.pauseApiServer();
      const read = client.raw('/version', AbortSignal.timeout(1000));
      await expect(read).rejects.toThrow();
      controlPlane.resumeApiServer();
      expect(await client.raw('/version')).toHaveProperty('gitVersion');
    });
  },
  { only: 'real' },
);
