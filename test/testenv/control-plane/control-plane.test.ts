/** The control plane keeps what it promises to every other suite. Needs the real binaries. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  NAMESPACES,
  NODES,
  PODS,
  VALIDATING_WEBHOOKS,
} from '#kube/client/builtin-types.ts';
import { whyNoControlPlane } from '../binaries.ts';
import { eventually } from '../processes/eventually.ts';
import { skipReason } from '../real-components.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { registerAggregatedApi, webhookClientConfig } from './registration.ts';

const problem = skipReason('a control plane of the tests', whyNoControlPlane());

/** An HTTPS server that answers every call with what `answer` makes of its body. */
async function serve(controlPlane: ControlPlane, answer: (body: string) => unknown): Promise<number> {
  const { certificate, key } = controlPlane.servingCertificate;
  const server = createServer({ cert: certificate, key }, (request, response) => {
    void Array.fromAsync(request).then((parts) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer(Buffer.concat(parts as Buffer[]).toString())));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return (server.address() as AddressInfo).port;
}

describe.skipIf(problem !== undefined)('a control plane of the tests', () => {
  let controlPlane: ControlPlane;
  const client = () => controlPlane.client;

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    return () => controlPlane.stop();
  });

  it('turns a deployment into pods', async () => {
    const labels = { app: 'web' };
    await client().create(DEPLOYMENTS, {
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        replicas: 3,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
      },
    });
    const pods = await eventually('three pods', async () => {
      const { items } = await client().list(PODS, { namespace: 'default', labelSelector: 'app=web' });
      return items.length === 3 && items;
    });
    expect(pods.map((pod) => pod.metadata?.ownerReferences?.[0]?.kind)).toEqual(Array(3).fill('ReplicaSet'));
  });

  it('binds pods to a node that the test says is ready', async () => {
    const capacity = { cpu: '8', memory: '32Gi', pods: '110' };
    const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }];
    await client().create(NODES, { metadata: { name: 'node-1' } });
    await client().patch(
      NODES,
      { name: 'node-1' },
      {
        patch: 'merge',
        subresource: 'status',
        body: { status: { capacity, allocatable: capacity, conditions } },
      },
    );
    await client().create(PODS, {
      metadata: { name: 'bound', namespace: 'default' },
      spec: { containers: [{ name: 'main', image: 'main:1' }] },
    });
    const nodeName = await eventually('the pod to be bound', async () => {
      return (await client().get(PODS, { name: 'bound', namespace: 'default' })).spec?.nodeName;
    });
    expect(nodeName).toBe('node-1');
  });

  it('gives a service account exactly the rights that it is granted', async () => {
    await controlPlane.kubectl(['create', 'serviceaccount', 'reader']);
    await controlPlane.kubectl(['create', 'clusterrole', 'read-pods', '--verb=list', '--resource=pods']);
    await controlPlane.kubectl([
      'create',
      'clusterrolebinding',
      'r',
      '--clusterrole=read-pods',
      '--serviceaccount=default:reader',
    ]);
    const kubeconfigPath = await controlPlane.serviceAccountKubeconfig('default', 'reader');
    await controlPlane.kubectl(['get', 'pods'], { kubeconfigPath });
    await expect(controlPlane.kubectl(['get', 'secrets'], { kubeconfigPath })).rejects.toThrow(/Forbidden/);
    const reader = await controlPlane.clientAs(kubeconfigPath);
    expect((await reader.list(PODS)).items.length).toBeGreaterThan(0);
    await expect(reader.list(NODES)).rejects.toMatchObject({ httpStatus: 403 });
  });

  it('keeps its objects when the API server crashes and comes back', async () => {
    await client().create(NAMESPACES, { metadata: { name: 'kept' } });
    await controlPlane.restartApiServer();
    expect((await client().get(NAMESPACES, { name: 'kept' })).metadata?.name).toBe('kept');
  });

  it('does not answer while the API server is paused', async () => {
    controlPlane.pauseApiServer();
    const call = client().list(NAMESPACES, { timeoutMs: 500 });
    await expect(call).rejects.toMatchObject({ code: 'KC_API_UNREACHABLE' });
    controlPlane.resumeApiServer();
    expect((await client().list(NAMESPACES)).items.length).toBeGreaterThan(0);
  });

  it('passes calls of an aggregated API to a server of the test', async () => {
    const port = await serve(controlPlane, () => ({ kind: 'PodMetricsList', items: ['from the test'] }));
    await registerAggregatedApi(controlPlane, { group: 'metrics.k8s.io', version: 'v1beta1', port });
    const answer = await client().raw('/apis/metrics.k8s.io/v1beta1/pods');
    expect(answer).toMatchObject({ items: ['from the test'] });
  });

  it('asks an admission webhook of the test', async () => {
    const port = await serve(controlPlane, (body) => {
      const review = JSON.parse(body) as { readonly request: { readonly uid: string } };
      const response = {
        uid: review.request.uid,
        allowed: false,
        status: { message: 'refused by the test' },
      };
      return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
    });
    const rule = { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] };
    await client().create(VALIDATING_WEBHOOKS, {
      metadata: { name: 'refuse' },
      webhooks: [
        {
          name: 'refuse.kcloud.io',
          clientConfig: webhookClientConfig(controlPlane, port, '/validate'),
          rules: [rule],
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    });
    const refusal = await eventually('the webhook to be asked', async () => {
      const created = client().create(CONFIG_MAPS, {
        metadata: { generateName: 'a-', namespace: 'default' },
      });
      return created.then(() => undefined).catch((error: unknown) => error);
    });
    expect(String(refusal)).toMatch(/refused by the test/);
  });

  it('runs beside another one', async () => {
    const other = await startControlPlane({ controllers: [], scheduler: false });
    try {
      await other.client.create(NAMESPACES, { metadata: { name: 'only-there' } });
      expect(await client().find(NAMESPACES, { name: 'only-there' })).toBeUndefined();
    } finally {
      await other.stop();
    }
  });
});
