/** Tokens of service accounts, as `kubectl create token` gets them. */
import { KubeClient } from '#kube/client/kube-client.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { connect } from '#kube/config/connect.ts';
import { loadConfig } from '#kube/config/load-config.ts';
import { SystemClock } from '#platform/clock.ts';

const SERVICE_ACCOUNTS: ResourceType = {
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  kind: 'ServiceAccount',
  namespaced: true,
};

interface TokenRequest extends KubeObject {
  readonly status?: { readonly token?: string };
}

/** Makes the account and a token of it. */
export async function tokenOf(kubeconfig: string, namespace: string, name: string): Promise<string> {
  const clock = new SystemClock();
  const transport = connect(await loadConfig({ clock, kubeconfig }), clock);
  await new KubeClient(transport).create(SERVICE_ACCOUNTS, { metadata: { namespace, name } });
  const answer = await transport.send({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 3600 },
    }),
  });
  const { status } = JSON.parse(await answer.text()) as TokenRequest;
  if (status?.token === undefined) throw new Error(`no token: ${String(answer.status)}`);
  return status.token;
}
