/** Values as different users would give them; together they open every branch of the chart. */
import type { Values } from './helm.ts';

export const VALUE_SETS: Readonly<Record<string, Values>> = {
  defaults: {},
  'without a volume, highly available': {
    replicas: 2,
    persistence: { enabled: false },
    podDisruptionBudget: { enabled: true },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { app: 'cost-optimizer-operator' } },
      },
    ],
  },
  'with everything beside it': {
    image: { repository: 'registry.example.com/kcloud', digest: `sha256:${'a'.repeat(64)}` },
    imagePullSecrets: [{ name: 'registry' }],
    optimizerApi: { url: 'http://optimizer-api.cost-optimizer.svc.cluster.local:8000' },
    redis: { enabled: true, username: 'kcloud', passwordSecret: { name: 'redis' }, tls: true },
    metrics: {
      source: 'prometheus',
      prometheusUrl: 'http://prometheus.monitoring:9090',
      prometheusHeaders: ['X-Scope-OrgID: team'],
      prometheusLabels: ['cluster=prod', 'region=eu'],
    },
    prices: { cpuPerCoreHour: 0.03, memoryPerGibHour: 0, nodes: { 'm6i.xlarge': 0.192 } },
    networkPolicy: {
      enabled: true,
      metricsFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
      egress: [{ ports: [{ port: 443 }] }],
    },
    monitoring: {
      podMonitor: { enabled: true, labels: { release: 'prometheus' } },
      serviceMonitor: { enabled: true },
      prometheusRule: { enabled: true },
      dashboards: { enabled: true },
    },
  },
  'with the estimator': {
    estimator: {
      enabled: true,
      settings: { REDIS_URL: 'redis://redis:6379', POWER_METRICS_INTERVAL: 30 },
      restartOnSettings: true,
      autoscaling: { enabled: false },
      replicas: 3,
      extraEnv: [{ name: 'TZ', value: 'Asia/Seoul' }],
      extraArgs: ['--burst=100'],
      service: { annotations: { team: 'platform' } },
    },
  },
  'with the optimizer API and a store that asks who one is': {
    optimizerApi: {
      enabled: true,
      audience: 'money',
      replicas: 2,
      readers: ['finops', 'system:serviceaccounts'],
      writers: ['platform'],
      window: '14d',
      clusterName: 'prod',
      extraEnv: [{ name: 'TZ', value: 'Asia/Seoul' }],
      extraArgs: ['--burst=100'],
      service: { annotations: { team: 'platform' } },
      serviceAccount: { annotations: { team: 'platform' } },
    },
    metrics: {
      prometheusUrl: 'https://mimir.example/prometheus',
      prometheusUsername: 'kcloud',
      prometheusSecret: {
        name: 'mimir',
        passwordKey: 'password',
        caKey: 'ca.crt',
        certificateKey: 'tls.crt',
        privateKeyKey: 'tls.key',
      },
    },
    prices: { nodes: { 'm6i.xlarge': 0.192 } },
    networkPolicy: { enabled: true, egress: [{ ports: [{ port: 443 }] }] },
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    imagePullSecrets: [{ name: 'registry' }],
  },
  'with cert-manager, closed': {
    webhooks: { failurePolicy: 'Fail', timeoutSeconds: 5, certManager: { enabled: true } },
    networkPolicy: { enabled: true },
    persistence: { storageClass: 'fast', size: '10Gi', accessModes: ['ReadWriteOncePod'] },
    serviceAccount: { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/kcloud' } },
  },
  'without webhooks, one namespace': {
    webhooks: { enabled: false },
    crds: { keep: false },
    persistence: { existingClaim: 'my-claim' },
    operator: {
      watchNamespace: 'shop',
      analysisMinutes: 5,
      logLevel: 'debug',
      extraArgs: ['--workers=16'],
      extraEnv: [{ name: 'TZ', value: 'Asia/Seoul' }],
    },
    priorityClassName: 'system-cluster-critical',
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    tolerations: [{ operator: 'Exists' }],
    podAnnotations: { team: 'platform' },
    podLabels: { team: 'platform' },
  },
};

/** What the chart must refuse, with what it must say. */
export const REFUSED: readonly (readonly [Values, RegExp])[] = [
  [{ replicas: 2 }, /persistence\.enabled=false/],
  [{ replica: 1 }, /replica/],
  [{ redis: { enable: true } }, /enable/],
  [{ redis: { port: 0 } }, /port/],
  [{ redis: { enabled: true, host: '' } }, /redis\.host/],
  [{ metrics: { source: 'prometheus' } }, /prometheusUrl/],
  [{ metrics: { source: 'influx' } }, /source/],
  [{ metrics: { prometheusSecret: { tokenKey: 'token' } } }, /prometheusSecret\.name/],
  [{ metrics: { prometheusSecret: { name: 'a', certificateKey: 'tls.crt' } } }, /go together/],
  [{ optimizerApi: { window: 'a week' } }, /window/],
  [{ optimizerApi: { enable: true } }, /enable/],
  [{ uninstall: { timeoutSeconds: 0 } }, /timeoutSeconds/],
  [{ webhooks: { failurePolicy: 'ignore' } }, /failurePolicy/],
  [{ image: { digest: 'latest' } }, /digest/],
  [{ persistence: { size: 'big' } }, /size/],
  [{ operator: { analysisMinutes: '30m' } }, /analysisMinutes/],
  [{ prices: { cpuPerCoreHour: -1 } }, /cpuPerCoreHour/],
];
