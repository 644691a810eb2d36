/** The Deployment of the operator: restricted, read-only, with the settings that its users know. */
import type { Deployment } from '#apis/kubernetes/builtin.ts';
import { LEASE } from '../operator/operator.ts';
import { LABELS, type ManifestOptions } from './manifest-options.ts';
import { OPTIMIZER_API_AUDIENCE } from './optimizer-api.ts';
import { type Container, type Environment, httpProbe, OWN_NAMESPACE, restrictedPod } from './pod-template.ts';

/** The volume that keeps the ledger and the usage history through restarts. */
export const DATA_CLAIM = 'cost-optimizer-data';

/** Where the token for the optimizer API lies. It is good for nothing else, and of no use where no API is named. */
const TOKEN_FOLDER = '/var/run/secrets/kcloud/optimizer-api';
const TOKEN_SECONDS = 3600;

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
      template: {
        metadata: { labels: { ...LABELS } },
        spec: restrictedPod({
          serviceAccountName: LEASE,
          container: container(image),
          volumes: [{ name: 'data', persistentVolumeClaim: { claimName: DATA_CLAIM } }, tokenVolume()],
        }),
      },
    },
  };
}

function tokenVolume() {
  const serviceAccountToken = {
    audience: OPTIMIZER_API_AUDIENCE,
    expirationSeconds: TOKEN_SECONDS,
    path: 'token',
  };
  return { name: 'optimizer-api-token', projected: { sources: [{ serviceAccountToken }] } };
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
    livenessProbe: httpProbe('/healthz', { port: 'metrics', periodSeconds: 10 }),
    readinessProbe: httpProbe('/readyz', { port: 'metrics', periodSeconds: 5 }),
    volumeMounts: [
      { name: 'data', mountPath: '/var/lib/kcloud' },
      { name: 'optimizer-api-token', mountPath: TOKEN_FOLDER, readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}

function environment(): Environment {
  return [
    OWN_NAMESPACE,
    { name: 'PROMETHEUS_PORT', value: '8080' },
    { name: 'KCLOUD_DATA_DIR', value: '/var/lib/kcloud' },
    { name: 'LEADER_ELECTION', value: 'true' },
    { name: 'LOG_LEVEL', value: 'info' },
    { name: 'OPTIMIZER_API_TOKEN_FILE', value: `${TOKEN_FOLDER}/token` },
  ];
}
