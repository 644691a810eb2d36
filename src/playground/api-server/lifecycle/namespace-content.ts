/** What every namespace gets as soon as it exists: a service account to run as, and the certificate to trust. */
import type { ServerParts } from '../writes/write-parts.ts';
import { requireResource, seedObject } from './seed-object.ts';

const NAMESPACES = { group: '', plural: 'namespaces' };

const ROOT_CERTIFICATE_NOTE =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Follows the namespaces. `rootCertificate` is what `kube-root-ca.crt` holds, as PEM. */
export function fillNamespaces(parts: ServerParts, rootCertificate: string): void {
  const accounts = requireResource(parts, 'v1', 'ServiceAccount');
  const configMaps = requireResource(parts, 'v1', 'ConfigMap');
  const fill = (namespace: string): void => {
    seedObject(parts, accounts, { metadata: { name: 'default', namespace } });
    const annotations = { 'kubernetes.io/description': ROOT_CERTIFICATE_NOTE };
    const metadata = { name: 'kube-root-ca.crt', namespace, annotations };
    seedObject(parts, configMaps, { metadata, data: { 'ca.crt': rootCertificate } });
  };
  const collection = parts.store.collection(NAMESPACES);
  for (const { metadata } of collection.list()) fill(metadata.name ?? '');
  collection.listen(({ type, object }) => {
    if (type === 'ADDED') fill(object.metadata.name ?? '');
  });
}
