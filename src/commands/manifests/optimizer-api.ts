/** The plain manifests of the optimizer API: a Deployment of its own, with rights of its own. */
import type { Deployment, Service } from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { rbacManifests } from '#runtime/rbac/rbac-manifests.ts';
import { OPTIMIZER_API_PERMISSIONS } from '../optimizer-api/permissions.ts';
import type { ManifestOptions } from './manifest-options.ts';
import { type Container, httpProbe, OWN_NAMESPACE, restrictedPod } from './pod-template.ts';

/** Of all of its objects; the Service has the address that operators are given. */
export const OPTIMIZER_API = 'optimizer-api';
/** Whom a caller's token must be meant for: one that is sent here is then good for nothing at the API server. */
export const OPTIMIZER_API_AUDIENCE = 'optimizer-api';

const PORT = 8000;
const LABELS = {
  app: OPTIMIZER_API,
  'app.kubernetes.io/name': OPTIMIZER_API,
  'app.kubernetes.io/part-of': 'kcloud',
} as const;

/** Rights, Service and Deployment, in the order in which they are applied. The namespace comes with the operator. */
export function optimizerApiManifests(options: ManifestOptions): readonly KubeObject[] {
  const { namespace } = options;
  const rbac = rbacManifests(OPTIMIZER_API_PERMISSIONS, { name: OPTIMIZER_API, namespace, labels: LABELS });
  // Nothing of what it needs stands in its own namespace only, so there is no Role.
  return [
    rbac.serviceAccount,
    rbac.clusterRole,
    rbac.clusterRoleBinding,
    service(namespace),
    deployment(options),
  ];
}

function service(namespace: string): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: OPTIMIZER_API, namespace, labels: { ...LABELS } },
    spec: { selector: { app: OPTIMIZER_API }, ports: [{ name: 'api', port: PORT, targetPort: 'api' }] },
  };
}

/** It keeps nothing that another replica would lack, so it may be rolled and scaled as one likes. */
function deployment({ namespace, image }: ManifestOptions): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: OPTIMIZER_API, namespace, labels: { ...LABELS } },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: OPTIMIZER_API } },
      template: {
        metadata: { labels: { ...LABELS } },
        spec: restrictedPod({
          serviceAccountName: OPTIMIZER_API,
          container: container(image),
          volumes: [{ name: 'data', emptyDir: {} }],
        }),
      },
    },
  };
}

function container(image: string): Container {
  return {
    name: OPTIMIZER_API,
    image,
    imagePullPolicy: 'IfNotPresent',
    args: ['optimizer'],
    env: [
      OWN_NAMESPACE,
      { name: 'PORT', value: String(PORT) },
      { name: 'KCLOUD_DATA_DIR', value: '/var/lib/kcloud' },
      { name: 'API_TOKEN_AUDIENCES', value: OPTIMIZER_API_AUDIENCE },
      { name: 'LOG_LEVEL', value: 'info' },
    ],
    ports: [{ name: 'api', containerPort: PORT }],
    resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { cpu: '1', memory: '768Mi' } },
    livenessProbe: httpProbe('/healthz', { port: 'api', periodSeconds: 10 }),
    readinessProbe: httpProbe('/readyz', { port: 'api', periodSeconds: 5 }),
    volumeMounts: [
      { name: 'data', mountPath: '/var/lib/kcloud' },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}
