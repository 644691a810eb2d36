/** The service under exactly the rights that it declares, on a real API server that asks roles. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import type { RecommendationAnswer } from '#apis/optimizer-api/recommendation.ts';
import { OPTIMIZER_API_PERMISSIONS } from '#commands/optimizer-api/permissions.ts';
import { isForbidden } from '#kube/client/api-error.ts';
import { DEPLOYMENTS, NAMESPACES, SECRETS } from '#kube/client/builtin-types.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { rbacManifests } from '#runtime/rbac/rbac-manifests.ts';
import { whyNoControlPlane } from '../../testenv/binaries.ts';
import { type ControlPlane, startControlPlane } from '../../testenv/control-plane/control-plane.ts';
import { skipReason } from '../../testenv/real-components.ts';
import { ask, setStage, type Stage } from './stage.ts';

const ACCOUNT = { name: 'optimizer-api', namespace: 'cost-optimizer' };
const reason = skipReason('the optimizer API under its own rights', whyNoControlPlane());

describe.skipIf(reason !== undefined)('the optimizer API under its own rights', () => {
  let controlPlane: ControlPlane;
  let kubeconfig: string;
  let stage: Stage;

  beforeAll(async () => {
    controlPlane = await startControlPlane({ controllers: ['serviceaccount-controller'], scheduler: false });
    const { client } = controlPlane;
    await client.create(NAMESPACES, { metadata: { name: ACCOUNT.namespace } });
    for (const object of Object.values(rbacManifests(OPTIMIZER_API_PERMISSIONS, ACCOUNT)) as KubeObject[]) {
      await client.create(typeOf(object), object);
    }
    kubeconfig = await controlPlane.serviceAccountKubeconfig(ACCOUNT.namespace, ACCOUNT.name);
    stage = await setStage(controlPlane, kubeconfig);
  });

  afterAll(async () => {
    await stage.service.process.kill();
    await controlPlane.stop();
  });

  it('reads, reviews tokens, analyses and applies', async () => {
    const { json } = await ask(stage, `POST /optimize/${stage.frontend.metadata?.uid ?? ''}`);
    const { recommendations } = json as { readonly recommendations: readonly RecommendationAnswer[] };
    const [first] = recommendations;
    const applied = await ask(stage, `POST /apply/${first?.id ?? ''}`, { as: 'writer', body: {} });
    expect([applied.status, applied.json]).toMatchObject([202, { status: 'accepted' }]);
    expect(stage.service.log()).not.toContain('orbidden');
  });

  it('may not touch workloads or read secrets', async () => {
    const client = await controlPlane.clientAs(kubeconfig);
    const { namespace } = stage;
    await expect(client.list(SECRETS, { namespace })).rejects.toSatisfy(isForbidden);
    const patch = client.patch(
      DEPLOYMENTS,
      { namespace, name: 'frontend-web' },
      { patch: 'merge', body: {} },
    );
    await expect(patch).rejects.toSatisfy(isForbidden);
  });
});

function typeOf(object: KubeObject): ResourceType {
  const { kind = '', apiVersion = '' } = object;
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return { group, version, kind, plural: `${kind.toLowerCase()}s`, namespaced: !kind.startsWith('Cluster') };
}
