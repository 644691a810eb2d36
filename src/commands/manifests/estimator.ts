/** The plain manifests of the estimator: namespace, rights, settings, Deployment, Service and autoscaler, as in the seed. */
import type {
  ConfigMap,
  Deployment,
  HorizontalPodAutoscaler,
  Namespace,
  Service,
} from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { rbacManifests } from '#runtime/rbac/rbac-manifests.ts';
import { CALIBRATION_CONFIG_MAP, ESTIMATOR_PERMISSIONS } from '../estimator/permissions.ts';
import type { ManifestOptions } from './manifest-options.ts';
import { type Container, httpProbe, OWN_NAMESPACE, restrictedPod } from './pod-template.ts';

/** Of all of its objects. */
export const ESTIMATOR = 'kcloud-cost-estimator';
export const ESTIMATOR_NAMESPACE = 'kcloud-system';

const PORT = 8001;
const SETTINGS = `${ESTIMATOR}-config`;
const LABELS = {
  app: ESTIMATOR,
  'app.kubernetes.io/name': ESTIMATOR,
  'app.kubernetes.io/part-of': 'kcloud',
} as const;

/** In the order in which they are applied. */
export function estimatorManifests(options: ManifestOptions): readonly KubeObject[] {
  const { namespace } = options;
  const rbac = rbacManifests(ESTIMATOR_PERMISSIONS, { name: ESTIMATOR, namespace, labels: LABELS });
  return [
    namespaceObject(namespace),
    rbac.serviceAccount,
    rbac.clusterRole,
    rbac.clusterRoleBinding,
    rbac.role,
    rbac.roleBinding,
    settings(namespace),
    deployment(options),
    service(namespace),
    autoscaler(namespace),
  ];
}

function namespaceObject(name: string): Namespace {
  const labels = {
    'app.kubernetes.io/part-of': 'kcloud',
    'pod-security.kubernetes.io/enforce': 'restricted',
  };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** Environment variables; REDIS_URL, INFLUXDB_URL and others may be added. */
function settings(namespace: string): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: SETTINGS, namespace, labels: { ...LABELS } },
    data: {
      POWER_PROMETHEUS_URL: 'http://prometheus.monitoring:9090',
      POWER_METRICS_INTERVAL: '15',
      ELECTRICITY_RATE: '0.12',
      COOLING_FACTOR: '1.3',
      CARBON_RATE: '0.05',
      INFLUXDB_BUCKET: 'power_metrics',
      AUTHENTICATION: 'none',
      LOG_LEVEL: 'info',
    },
  };
}

/** Each replica keeps a history of its own, and fills it in from Prometheus where it begins anew. */
function deployment({ namespace, image }: ManifestOptions): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: ESTIMATOR, namespace, labels: { ...LABELS } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: ESTIMATOR } },
      template: {
        metadata: { labels: { ...LABELS } },
        spec: restrictedPod({
          serviceAccountName: ESTIMATOR,
          container: container(image),
          volumes: [{ name: 'data', emptyDir: { sizeLimit: '2Gi' } }],
        }),
      },
    },
  };
}

function container(image: string): Container {
  return {
    name: ESTIMATOR,
    image,
    imagePullPolicy: 'IfNotPresent',
    args: ['estimator'],
    env: [
      OWN_NAMESPACE,
      { name: 'PORT', value: String(PORT) },
      { name: 'KCLOUD_DATA_DIR', value: '/var/lib/kcloud' },
      { name: 'CALIBRATION_CONFIG_MAP', value: CALIBRATION_CONFIG_MAP },
    ],
    envFrom: [
      { configMapRef: { name: SETTINGS } },
      // For INFLUXDB_TOKEN and addresses with passwords.
      { secretRef: { name: `${ESTIMATOR}-secrets`, optional: true } },
    ],
    ports: [{ name: 'api', containerPort: PORT }],
    resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { cpu: '500m', memory: '512Mi' } },
    livenessProbe: httpProbe('/live', { port: 'api', periodSeconds: 10 }),
    readinessProbe: httpProbe('/ready', { port: 'api', periodSeconds: 5 }),
    volumeMounts: [
      { name: 'data', mountPath: '/var/lib/kcloud' },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}

function service(namespace: string): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: ESTIMATOR, namespace, labels: { ...LABELS } },
    spec: {
      type: 'ClusterIP',
      selector: { app: ESTIMATOR },
      ports: [{ name: 'api', port: PORT, targetPort: 'api' }],
    },
  };
}

type Metric = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']>['metrics']>[number];

function autoscaler(namespace: string): HorizontalPodAutoscaler {
  const metric = (name: string, averageUtilization: number): Metric => ({
    type: 'Resource',
    resource: { name, target: { type: 'Utilization', averageUtilization } },
  });
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: ESTIMATOR, namespace, labels: { ...LABELS } },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: ESTIMATOR },
      minReplicas: 2,
      maxReplicas: 5,
      // The limit of memory is twice the request: this is three quarters of the limit.
      metrics: [metric('cpu', 70), metric('memory', 150)],
    },
  };
}
