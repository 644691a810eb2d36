/** What every cluster has from its first second. */
import type { ServerParts } from '../writes/write-parts.ts';
import { requireResource, seedObject } from './seed-object.ts';

const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'] as const;

const PRIORITY_CLASSES = [
  {
    metadata: { name: 'system-cluster-critical' },
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
  {
    metadata: { name: 'system-node-critical' },
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
];

const KUBERNETES_SERVICE = {
  metadata: {
    name: 'kubernetes',
    namespace: 'default',
    labels: { component: 'apiserver', provider: 'kubernetes' },
  },
  spec: {
    clusterIP: '10.96.0.1',
    clusterIPs: ['10.96.0.1'],
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
  },
};

/** Stores the namespaces, the priority classes and the service of the API server. */
export function bootstrap(parts: ServerParts): void {
  const namespaces = requireResource(parts, 'v1', 'Namespace');
  for (const name of NAMESPACES) seedObject(parts, namespaces, { metadata: { name } });
  const classes = requireResource(parts, 'scheduling.k8s.io/v1', 'PriorityClass');
  for (const priorityClass of PRIORITY_CLASSES) seedObject(parts, classes, priorityClass);
  seedObject(parts, requireResource(parts, 'v1', 'Service'), KUBERNETES_SERVICE);
}
