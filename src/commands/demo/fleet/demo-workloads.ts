/**
 * What runs on an AI platform: inference on GPUs and around it, training, data, the web front, and the cluster's own
 * parts. Some ask for far more than they use, some are right, some are nobody's business.
 */
import type { WorkloadDeclaration } from './workload-declaration.ts';

/** The one whose traffic grows after it was made smaller: its traffic more than doubles 150 minutes into the demo. */
export const GROWS_LATER = {
  namespace: 'inference',
  name: 'reranker',
  afterMinutes: 150,
  factor: 2.2,
} as const;

const INFERENCE: readonly WorkloadDeclaration[] = [
  {
    namespace: 'inference',
    name: 'llm-chat',
    replicas: 3,
    cpu: '12',
    memory: '48Gi',
    gpus: 1,
    usage: '{ preset: llm-inference, cpu: { cores: 6 }, memory: { base: 21Gi, perCore: 300Mi } }',
  },
  {
    namespace: 'inference',
    name: 'llm-code',
    replicas: 2,
    cpu: '8',
    memory: '40Gi',
    gpus: 1,
    usage: '{ preset: llm-inference, cpu: { cores: 3 }, memory: { base: 18Gi, perCore: 200Mi } }',
  },
  {
    namespace: 'inference',
    name: 'speech-to-text',
    cpu: '6',
    memory: '16Gi',
    gpus: 1,
    usage: '{ preset: daily-service, cpu: { cores: 3.6 }, memory: { base: 13Gi } }',
  },
  {
    namespace: 'inference',
    name: 'reranker',
    replicas: 4,
    cpu: '3',
    memory: '10Gi',
    usage: `{ cpu: { coresPerPod: 0.3, noise: 0.08 }, memory: { base: 1Gi, perCore: 6Gi }, load: { daily: { amplitude: 0.3, peakHour: 14 }, steps: [{ after: ${GROWS_LATER.afterMinutes}m, factor: ${GROWS_LATER.factor} }] } }`,
    replaysTraces: false,
  },
  {
    namespace: 'inference',
    name: 'tokenizer',
    replicas: 6,
    cpu: '2',
    memory: '2Gi',
    usage: '{ preset: bursty-api, cpu: { cores: 1.5 }, memory: { base: 500Mi } }',
  },
  {
    namespace: 'inference',
    name: 'guardrails',
    replicas: 2,
    cpu: '2',
    memory: '4Gi',
    usage: '{ preset: daily-service, cpu: { cores: 1.2 }, memory: { base: 900Mi }, lifecycle: { age: 5h } }',
  },
];

const TRAINING: readonly WorkloadDeclaration[] = [
  {
    namespace: 'training',
    name: 'finetune-7b',
    kind: 'Job',
    cpu: '10',
    memory: '40Gi',
    gpus: 2,
    usage:
      '{ cpu: { coresPerPod: 8.5, noise: 0.05 }, memory: { base: 33Gi }, lifecycle: { runSeconds: 2592000 } }',
  },
  {
    namespace: 'training',
    name: 'embedding-batch',
    replicas: 5,
    cpu: '4',
    memory: '8Gi',
    usage:
      '{ preset: batch, cpu: { cores: 5 }, memory: { base: 2Gi }, load: { window: { fromHour: 1, hours: 5, idle: 0.05 } } }',
  },
  {
    namespace: 'training',
    name: 'dataset-loader',
    replicas: 3,
    cpu: '3',
    memory: '12Gi',
    usage:
      '{ cpu: { cores: 2.4, noise: 0.2 }, memory: { base: 3Gi }, load: { daily: { amplitude: 0.4, peakHour: 11 } } }',
  },
  {
    namespace: 'training',
    name: 'experiment-tracker',
    cpu: '1',
    memory: '2Gi',
    usage: '{ preset: daily-service, cpu: { cores: 0.12 }, memory: { base: 700Mi } }',
  },
  {
    namespace: 'training',
    name: 'run-scheduler',
    cpu: '500m',
    memory: '1Gi',
    usage: '{ cpu: { cores: 0.05 }, memory: { base: 250Mi } }',
    labels: { 'app.kubernetes.io/component': 'controller' },
  },
];

const DATA: readonly WorkloadDeclaration[] = [
  {
    namespace: 'data',
    name: 'vector-db',
    kind: 'StatefulSet',
    replicas: 3,
    cpu: '3',
    memory: '30Gi',
    usage: '{ preset: daily-service, cpu: { cores: 3 }, memory: { base: 11Gi, noise: 0.02 } }',
    keepsEveryPod: true,
  },
  {
    namespace: 'data',
    name: 'feature-store',
    replicas: 6,
    cpu: '3',
    memory: '6Gi',
    usage: '{ preset: daily-service, cpu: { cores: 5 }, memory: { base: 1600Mi } }',
  },
  {
    namespace: 'data',
    name: 'stream-ingest',
    kind: 'StatefulSet',
    replicas: 3,
    cpu: '2',
    memory: '8Gi',
    usage: '{ cpu: { cores: 3.6, noise: 0.06 }, memory: { base: 6800Mi } }',
  },
  {
    namespace: 'data',
    name: 'prompt-cache',
    cpu: '2',
    memory: '16Gi',
    usage: '{ preset: daily-service, cpu: { cores: 0.3 }, memory: { base: 11Gi } }',
    annotations: { 'kcloud.io/optimization-disabled': 'true' },
  },
  {
    namespace: 'data',
    name: 'report-builder',
    replicas: 2,
    cpu: '2',
    memory: '4Gi',
    usage: '{ preset: batch, cpu: { cores: 1.2 }, memory: { base: 900Mi } }',
  },
];

const WEB: readonly WorkloadDeclaration[] = [
  {
    namespace: 'web',
    name: 'api-gateway',
    replicas: 8,
    cpu: '1500m',
    memory: '2Gi',
    usage: '{ preset: daily-service, cpu: { cores: 2.2 }, memory: { base: 420Mi } }',
  },
  {
    namespace: 'web',
    name: 'chat-frontend',
    replicas: 4,
    cpu: '1',
    memory: '2Gi',
    usage: '{ preset: daily-service, cpu: { cores: 1.1 }, memory: { base: 350Mi } }',
    autoscaler: { minReplicas: 4, maxReplicas: 10, percent: 60 },
  },
  {
    namespace: 'web',
    name: 'billing',
    replicas: 2,
    cpu: '2',
    memory: '4Gi',
    usage: '{ preset: daily-service, cpu: { cores: 0.5 }, memory: { base: 600Mi } }',
    annotations: { 'argocd.argoproj.io/tracking-id': 'billing:apps/Deployment:web/billing' },
  },
  {
    namespace: 'web',
    name: 'auth',
    replicas: 3,
    cpu: '500m',
    memory: '512Mi',
    usage: '{ preset: daily-service, cpu: { cores: 0.75 }, memory: { base: 340Mi } }',
  },
];

const PLATFORM: readonly WorkloadDeclaration[] = [
  {
    namespace: 'platform',
    name: 'log-agent',
    kind: 'DaemonSet',
    cpu: '500m',
    memory: '1Gi',
    usage: '{ cpu: { coresPerPod: 0.09, noise: 0.15 }, memory: { base: 210Mi } }',
  },
  {
    namespace: 'platform',
    name: 'gpu-exporter',
    kind: 'DaemonSet',
    cpu: '100m',
    memory: '128Mi',
    usage: '{ cpu: { coresPerPod: 0.06, noise: 0.05 }, memory: { base: 90Mi } }',
  },
  {
    namespace: 'platform',
    name: 'notebooks',
    replicas: 4,
    cpu: '2',
    memory: '8Gi',
    usage:
      '{ cpu: { cores: 1, noise: 0.3 }, memory: { base: 2200Mi }, load: { window: { fromHour: 8, hours: 10, idle: 0.05 }, weekend: 0.2 } }',
  },
  {
    namespace: 'kube-system',
    name: 'coredns',
    replicas: 2,
    cpu: '500m',
    memory: '512Mi',
    usage: '{ cpu: { cores: 0.12 }, memory: { base: 60Mi } }',
  },
];

/** In the order of their creation: what needs large machines comes first. */
export const DEMO_WORKLOADS: readonly WorkloadDeclaration[] = [
  ...DATA,
  ...INFERENCE,
  ...TRAINING,
  ...WEB,
  ...PLATFORM,
];
