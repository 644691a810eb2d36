/** Makes the API server call servers of a test on this machine: aggregated APIs and admission webhooks. */
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { SERVICES } from '#kube/client/builtin-types.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { eventually } from '../processes/eventually.ts';
import type { ControlPlane } from './control-plane.ts';

interface ApiService extends KubeObject {
  readonly spec?: unknown;
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const API_SERVICES: ResourceType<ApiService> = {
  group: 'apiregistration.k8s.io',
  version: 'v1',
  plural: 'apiservices',
  kind: 'APIService',
  namespaced: false,
};

export interface AggregatedApi {
  /** E.g. `metrics.k8s.io`. */
  readonly group: string;
  /** E.g. `v1beta1`. */
  readonly version: string;
  /** Of an HTTPS server on localhost that shows the control plane's `servingCertificate`. */
  readonly port: number;
}

function caBundle(controlPlane: ControlPlane): string {
  return Buffer.from(controlPlane.servingCertificate.authority).toString('base64');
}

/** Registers the API through an ExternalName service; resolves when the API server finds it available. */
export async function registerAggregatedApi(controlPlane: ControlPlane, api: AggregatedApi): Promise<void> {
  const { client } = controlPlane;
  const service = { name: api.group.replaceAll('.', '-'), namespace: 'kube-system' };
  const name = `${api.version}.${api.group}`;
  await client.create(SERVICES, {
    metadata: service,
    spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port: api.port }] },
  });
  await client.create(API_SERVICES, {
    metadata: { name },
    spec: {
      group: api.group,
      version: api.version,
      service: { ...service, port: api.port },
      caBundle: caBundle(controlPlane),
      groupPriorityMinimum: 100,
      versionPriority: 100,
    },
  });
  await eventually(`the API service ${name} to be available`, async () => {
    const { status } = await client.get(API_SERVICES, { name });
    return status?.conditions?.some(({ type, status }) => type === 'Available' && status === 'True');
  });
}

/** The `clientConfig` of a webhook that an HTTPS server on localhost serves with the `servingCertificate`. */
export function webhookClientConfig(
  controlPlane: ControlPlane,
  port: number,
  path: string,
): { readonly url: string; readonly caBundle: string } {
  return { url: `https://127.0.0.1:${String(port)}${path}`, caBundle: caBundle(controlPlane) };
}
