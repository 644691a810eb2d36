/** The CostOptimizations that the demo creates, as a user would write them. */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { OptimizationType } from '#apis/optimization.k8s.io/v1/spec.ts';
import { DEMO_WORKLOADS } from './demo-workloads.ts';

type Kind = CostOptimization['spec']['targetWorkload']['kind'];

interface Wish {
  /** `namespace/name` of a workload. */
  readonly workload: string;
  readonly type: OptimizationType;
  /** Default: that of the CRD, 50. */
  readonly maxChangePercent?: number;
}

const WISHES: readonly Wish[] = [
  { workload: 'inference/llm-chat', type: 'ALL' },
  { workload: 'inference/reranker', type: 'MEMORY', maxChangePercent: 80 },
  { workload: 'inference/tokenizer', type: 'CPU' },
  { workload: 'inference/speech-to-text', type: 'ALL' },
  { workload: 'inference/guardrails', type: 'ALL' },
  { workload: 'training/embedding-batch', type: 'ALL', maxChangePercent: 80 },
  { workload: 'training/dataset-loader', type: 'ALL' },
  { workload: 'data/vector-db', type: 'MEMORY' },
  { workload: 'data/feature-store', type: 'ALL' },
  { workload: 'data/prompt-cache', type: 'ALL' },
  { workload: 'web/api-gateway', type: 'ALL' },
  { workload: 'web/chat-frontend', type: 'CPU' },
  { workload: 'web/billing', type: 'ALL' },
  { workload: 'platform/notebooks', type: 'ALL' },
  { workload: 'platform/log-agent', type: 'CPU' },
];

/** Everything but the type and `autoApply` is the CRD's default, two weeks of usage apart. */
export function demoOptimizations(): readonly CostOptimization[] {
  return WISHES.map(({ workload, type, maxChangePercent }) => {
    const [namespace = '', name = ''] = workload.split('/');
    return {
      metadata: { namespace, name },
      spec: {
        targetWorkload: { kind: kindOf(namespace, name), name },
        optimizationType: type,
        autoApply: true,
        dryRun: false,
        metricsWindow: '14d',
        ...(maxChangePercent === undefined ? {} : { maxChangePercent }),
      },
    };
  });
}

function kindOf(namespace: string, name: string): Kind {
  const found = DEMO_WORKLOADS.find((each) => each.namespace === namespace && each.name === name);
  const kind = found?.kind ?? 'Deployment';
  return kind === 'Job' ? 'Deployment' : kind;
}
