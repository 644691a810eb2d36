/** The simulated kubelets please the real scheduler, controllers and kubectl; on the playground the fleet plays all. */
import { expect, it } from 'vitest';
import { DEPLOYMENTS, NODES, PODS } from '#kube/client/builtin-types.ts';
import type { ApiTarget } from '#test/testenv/targets/api-target.ts';
import { eventually } from '#test/testenv/processes/eventually.ts';
import { describeTargets } from '#test/testenv/targets/describe-targets.ts';
import { kubectl } from '#test/testenv/targets/target-kubectl.ts';

const WEB = { name: 'web', namespace: 'default' };
const LABELS = { app: 'web' };
const RESOURCES = { requests: { cpu: '250m', memory: '128Mi' }, limits: { cpu: '1', memory: '256Mi' } };

function deployment(image: string): object {
  const container = { name: 'web', image, resources: RESOURCES };
  return {
    metadata: WEB,
    spec: {
      replicas: 3,
      selector: { matchLabels: LABELS },
      template: { metadata: { labels: LABELS }, spec: { containers: [container] } },
    },
  };
}

async function webPods({ client }: ApiTarget) {
  return (await client.list(PODS, { namespace: WEB.namespace, labelSelector: 'app=web' })).items;
}

async function untilAvailable(target: ApiTarget, image: string): Promise<void> {
  await eventually(
    `three available pods of ${image}`,
    async () => {
      const { metadata, status } = await target.client.get(DEPLOYMENTS, WEB);
      const pods = await webPods(target);
      return (
        status?.observedGeneration === metadata?.generation &&
        status?.availableReplicas === 3 &&
        status.updatedReplicas === 3 &&
        pods.length === 3 &&
        pods.every((pod) => pod.spec?.containers[0]?.image === image)
      );
    },
    { pass: (durationMs) => target.pass(durationMs) },
  );
}

describeTargets(
  'a fleet',
  (target) => {
    it('registers nodes that are ready', async () => {
      const { items } = await target().client.list(NODES);
      const ready = items.map(
        (node) => node.status?.conditions?.find(({ type }) => type === 'Ready')?.status,
      );
      expect(ready).toEqual(['True', 'True', 'True']);
    });

    it('runs the pods of a deployment until it is available', async () => {
      await target().client.create(DEPLOYMENTS, deployment('web:1'));
      await untilAvailable(target(), 'web:1');
      const pods = await webPods(target());
      expect(pods.every((pod) => pod.status?.phase === 'Running' && pod.status.podIP !== undefined)).toBe(
        true,
      );
      expect(new Set(pods.map((pod) => pod.spec?.nodeName)).size).toBeGreaterThan(1);
    });

    it('replaces the pods when the template changes', async () => {
      const body = { spec: { template: { spec: { containers: [{ name: 'web', image: 'web:2' }] } } } };
      await target().client.patch(DEPLOYMENTS, WEB, { patch: 'strategic', body });
      await untilAvailable(target(), 'web:2');
    });

    it('follows a resize in place without a restart', async () => {
      const [pod] = await webPods(target());
      const key = { name: pod?.metadata?.name ?? '', namespace: WEB.namespace };
      const wanted = { requests: { cpu: '500m', memory: '192Mi' }, limits: { cpu: '2', memory: '384Mi' } };
      const body = { spec: { containers: [{ name: 'web', resources: wanted }] } };
      await target().client.patch(PODS, key, { patch: 'strategic', subresource: 'resize', body });
      const resized = await eventually(
        'the container to have its new size',
        async () => {
          const [status] = (await target().client.get(PODS, key)).status?.containerStatuses ?? [];
          return status?.resources?.limits?.['memory'] === '384Mi' && status;
        },
        { pass: (durationMs) => target().pass(durationMs) },
      );
      expect(resized.resources).toEqual(wanted);
      expect(resized.restartCount).toBe(0);
    });

    it('ends pods gracefully, so that nothing is left of a deleted deployment', async () => {
      await kubectl(target(), ['delete', 'deployment', 'web', '--cascade=foreground', '--timeout=60s']);
      expect(await webPods(target())).toEqual([]);
    });
  },
  { level: 'cluster' },
);

describeTargets(
  'the metrics API of a fleet',
  (target) => {
    it('tells kubectl top what nodes and pods use', async () => {
      await target().client.create(DEPLOYMENTS, deployment('web:1'));
      const top = (...args: readonly string[]) =>
        eventually(
          'usage of all three',
          async () => {
            const lines = (await kubectl(target(), ['top', ...args, '--no-headers'])).trim().split('\n');
            return lines.length === 3 && lines;
          },
          { pass: (durationMs) => target().pass(durationMs), intervalMs: 1000 },
        );
      for (const line of await top('nodes')) expect(line).toMatch(/^m6i-2xlarge-\d +\d+m +\d+% +\d+Mi +\d+%/);
      for (const line of await top('pods')) expect(line).toMatch(/^web-\w+-\w+ +\d+m +\d+Mi/);
    });
  },
  { level: 'cluster' },
);
