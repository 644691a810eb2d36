/** The bundle of authorities that a webhook configuration carries, kept up to date. */
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { keyOf } from '#apis/kubernetes/object.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { encodeBundle } from '../admission/webhook-configuration.ts';

interface ConfiguredWebhook {
  readonly clientConfig?: { readonly caBundle?: string };
}

/** Whether every webhook of a configuration trusts exactly `bundle` (PEM). */
export function hasBundle(configuration: KubeObject, bundle: string): boolean {
  const expected = encodeBundle(bundle);
  return webhooksOf(configuration).every(({ clientConfig }) => clientConfig?.caBundle === expected);
}

export interface BundleWrite {
  readonly type: ResourceType;
  readonly object: KubeObject;
  readonly bundle: string;
}

/** Writes the bundle into every webhook of a configuration; refused with a conflict where it changed meanwhile. */
export async function publishBundle(client: KubeClient, write: BundleWrite): Promise<void> {
  const caBundle = encodeBundle(write.bundle);
  const webhooks = webhooksOf(write.object).map((webhook) => ({
    ...webhook,
    clientConfig: { ...webhook.clientConfig, caBundle },
  }));
  const body = { metadata: { resourceVersion: write.object.metadata?.resourceVersion }, webhooks };
  await client.patch(write.type, keyOf(write.object), { patch: 'merge', body });
}

function webhooksOf(configuration: KubeObject): readonly ConfiguredWebhook[] {
  if (!('webhooks' in configuration) || !Array.isArray(configuration.webhooks)) return [];
  return configuration.webhooks as readonly ConfiguredWebhook[];
}
