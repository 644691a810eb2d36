/** The plain manifests on a real API server, and the estimator under exactly the rights that they give. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deployment, HorizontalPodAutoscaler, Service } from '#apis/kubernetes/builtin.ts';
import { CALIBRATION_CONFIG_MAP } from '#commands/estimator/permissions.ts';
import { ESTIMATOR, ESTIMATOR_NAMESPACE } from '#commands/manifests/estimator.ts';
import { isForbidden } from '#kube/client/api-error.ts';
import { CONFIG_MAPS, DEPLOYMENTS, PODS, SECRETS } from '#kube/client/builtin-types.ts';
import { whyNoPrometheus } from '../../servers/prometheus/binaries.ts';
import { whyNoControlPlane } from '../../testenv/binaries.ts';
import { type ControlPlane, startControlPlane } from '../../testenv/control-plane/control-plane.ts';
import { eventually } from '../../testenv/processes/eventually.ts';
import { skipReason } from '../../testenv/real-components.ts';
import { ask, type EstimatorProcess, setStage, type Stage, startEstimator } from './stage.ts';

const MANIFESTS = join(
  fileURLToPath(new URL('../../../', import.meta.url)),
  'deploy/manifests/estimator.yaml',
);
const TITLE = 'the manifests of the estimator';
const reason = skipReason(TITLE, whyNoControlPlane() ?? whyNoPrometheus());

describe.skipIf(reason !== undefined)(TITLE, () => {
  let controlPlane: ControlPlane;
  let stage: Stage;
  let estimator: EstimatorProcess;
  let kubeconfig = '';
  const key = { namespace: ESTIMATOR_NAMESPACE, name: ESTIMATOR };

  beforeAll(async () => {
    controlPlane = await startControlPlane({ controllers: ['serviceaccount-controller'], scheduler: false });
    // Twice without harm.
    for (let time = 1; time <= 2; time += 1)
      await controlPlane.kubectl(['apply', '--server-side', '-f', MANIFESTS]);
    kubeconfig = await controlPlane.serviceAccountKubeconfig(ESTIMATOR_NAMESPACE, ESTIMATOR);
    stage = await setStage(controlPlane);
    estimator = await startEstimator(stage.directory, {
      ...stage.env,
      KUBECONFIG: kubeconfig,
      POD_NAMESPACE: ESTIMATOR_NAMESPACE,
      CALIBRATION_CONFIG_MAP,
    });
  });

  afterAll(async () => {
    await estimator.process.kill();
    await stage.prometheus.stop();
    await controlPlane.stop();
  });

  it('are those of the seed: two replicas, port 8001, 100m to 500m, 256Mi to 512Mi, two to five', async () => {
    const deployment: Deployment = await controlPlane.client.get(DEPLOYMENTS, key);
    expect(deployment.spec?.replicas).toBe(2);
    expect(deployment.spec?.template.spec?.containers[0]?.resources).toEqual({
      requests: { cpu: '100m', memory: '256Mi' },
      limits: { cpu: '500m', memory: '512Mi' },
    });
    const read = async <T>(kind: string): Promise<T> =>
      JSON.parse(
        await controlPlane.kubectl(['get', kind, ESTIMATOR, '-n', ESTIMATOR_NAMESPACE, '-o', 'json']),
      ) as T;
    expect((await read<Service>('service')).spec).toMatchObject({
      type: 'ClusterIP',
      ports: [{ port: 8001 }],
    });
    const autoscaler = await read<HorizontalPodAutoscaler>('horizontalpodautoscaler');
    expect(autoscaler.spec).toMatchObject({ minReplicas: 2, maxReplicas: 5 });
  });

  it('give all the rights that it needs', async () => {
    await eventually('power', async () => (await ask(estimator.url, 'GET /power/nodes')).status === 200);
    const body = {
      container_node_data: [{ container_cpu_cores: 0.5, node_cpu_util_percent: 15.2 }, { container_cpu_cores: 1.0, node_cpu_util_percent: 28.5 }],
      node_power_data: [{ node_cpu_util_percent: 0, node_power_watts: 54.0 }, { node_cpu_util_percent: 50, node_power_watts: 85.2 }],
    }; // prettier-ignore
    for (let time = 1; time <= 2; time += 1)
      expect((await ask(estimator.url, 'POST /calibrate', body)).status).toBe(200);
    const shared = await controlPlane.client.get(CONFIG_MAPS, {
      namespace: ESTIMATOR_NAMESPACE,
      name: CALIBRATION_CONFIG_MAP,
    });
    expect(Object.keys(shared.data ?? {})).toEqual(['cluster']);
    expect(estimator.log()).not.toContain('orbidden');
  });

  it('and no others', async () => {
    const client = await controlPlane.clientAs(kubeconfig);
    await expect(client.list(SECRETS, { namespace: 'default' })).rejects.toSatisfy(isForbidden);
    const [pod] = stage.pods;
    const { namespace = '', name = '' } = pod ?? {};
    await expect(client.delete(PODS, { namespace, name })).rejects.toSatisfy(isForbidden);
    await expect(
      client.get(CONFIG_MAPS, { namespace: 'default', name: 'kube-root-ca.crt' }),
    ).rejects.toSatisfy(isForbidden);
  });
});
