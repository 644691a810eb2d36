/** The Deployment of the operator: restricted, read-only, with the settings that its users know. */
import type { Deployment } from '#apis/kubernetes/builtin.ts';
import { LEASE } from '../operator/operator.ts';
import { LABELS, type ManifestOptions } from './manifests.ts';

/** The volume that keeps the ledger and the usage history through restarts. */
export const DATA_CLAIM = 'cost-optimizer-data';

/** One operator acts at a time: the state file is on a volume of its own, so there is one replica. */
export function operatorDeployment({ namespace, image }: ManifestOptions): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: LEASE, namespace, labels: { ...LABELS } },
    spec: {
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: { app: LEASE } },
      template: { metadata: { labels: { ...LABELS } }, spec: podSpec(image) },
    },
  };
}

type PodSpec = NonNullable<NonNullable<Deployment['spec']>['template']['spec']>;
type Container = PodSpec['containers'][number];

function podSpec(image: string): PodSpec {
  return {
    serviceAccountName: LEASE,
    securityContext: { runAsNonRoot: true, fsGroup: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [container(image)],
    volumes: [
      { name: 'data', persistentVolumeClaim: { claimName: DATA_CLAIM } },
      { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
    ],
  };
}

function container(image: string): Container {
  return {
    name: 'operator',
    image,
    imagePullPolicy: 'IfNotPresent',
    args: ['operator', '--webhooks'],
    env: environment(),
    ports: [
      { name: 'metrics', containerPort: 8080 },
      { name: 'webhooks', containerPort: 9443 },
    ],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '512Mi' } },
    livenessProbe: probe('/healthz', 10),
    readinessProbe: probe('/readyz', 5),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 65532,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'data', mountPath: '/var/lib/kcloud' },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}

function probe(path: string, periodSeconds: number): NonNullable<Container['livenessProbe']> {
  return { httpGet: { path, port: 'metrics' }, periodSeconds, timeoutSeconds: 3 };
}

function environment(): NonNullable<Container['env']> {
  return [
    { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
    { name: 'PROMETHEUS_PORT', value: '8080' },
    { name: 'KCLOUD_DATA_DIR', value: '/var/lib/kcloud' },
    { name: 'LEADER_ELECTION', value: 'true' },
    { name: 'LOG_LEVEL', value: 'info' },
  ];
}
