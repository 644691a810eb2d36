/** What a move to spot nodes may cost: points, on the same scale as those of right-sizing. */
import { type Risk, type RiskFactor, riskLevelOf } from '../rightsizing/risk.ts';
import type { Split } from './split.ts';
import { devicesOf, podSpecOf, type SpotQuestion } from './spot-question.ts';

interface Line extends RiskFactor {
  readonly applies: (question: SpotQuestion, split: Split) => boolean;
}

/** Shortest notice before a spot machine goes: 30 s on GKE and Azure, 2 minutes on AWS (their documents). */
const NOTICE_SECONDS = { karpenter: 120, eks: 120, gke: 15, aks: 30, generic: 30 } as const;

const TABLE: readonly Line[] = [
  { name: 'spot', points: 2, why: 'its nodes can be taken away at any time', applies: () => true },
  { name: 'no floor', points: 2, why: 'all of it may go at once: nothing stays on-demand', applies: (_q, split) => split.onDemand === 0 },
  { name: 'stateful', points: 2, why: 'a StatefulSet recovers slowly', applies: (q) => q.policy.target.kind === 'StatefulSet' },
  { name: 'devices', points: 2, why: 'work since the last checkpoint is lost', applies: (q) => Object.keys(devicesOf(q)).length > 0 },
  { name: 'few nodes', points: 1, why: 'one interruption may take several of its pods', applies: (q, split) => usableSpot(q) < Math.min(2, split.spot) },
  { name: 'few replicas', points: 1, why: 'each pod is a large share of it', applies: (q) => q.minReplicas <= 2 },
  { name: 'no budget', points: 1, why: 'no PodDisruptionBudget: a drain may take all of its pods at once', applies: (q) => q.budgets.length === 0 && q.minReplicas <= 3 },
  { name: 'scratch data', points: 1, why: 'its emptyDir volumes are lost with the node', applies: hasScratch },
  { name: 'slow end', points: 1, why: 'its pods may take longer to end than the notice is long', applies: endsSlowly },
  { name: 'interrupted', points: 2, why: 'it was interrupted within the last day', applies: (q) => q.interruptions.length > 0 },
  { name: 'harmed before', points: 2, why: 'an earlier move to spot was rolled back', applies: (q) => q.harmedAtMs.length > 0 },
]; // prettier-ignore

export function spotRisk(question: SpotQuestion, split: Split): Risk {
  const factors = TABLE.filter((line) => line.applies(question, split))
    .map(({ name, points, why }) => ({ name, points, why }))
    .sort((a, b) => b.points - a.points);
  const points = factors.reduce((sum, factor) => sum + factor.points, 0);
  return { level: riskLevelOf(points), points, factors };
}

function usableSpot({ nodes }: SpotQuestion): number {
  return nodes.filter(({ capacity, usable }) => capacity === 'spot' && usable).length;
}

function hasScratch(question: SpotQuestion): boolean {
  const volumes = podSpecOf(question)?.volumes ?? [];
  return volumes.some(({ emptyDir }) => emptyDir !== undefined && emptyDir.medium !== 'Memory');
}

/** The default grace is 30 s, which clouds cut short where their notice is shorter: only a longer wish tells of need. */
function endsSlowly(question: SpotQuestion): boolean {
  const graceSeconds = podSpecOf(question)?.terminationGracePeriodSeconds ?? 30;
  return graceSeconds > Math.max(30, NOTICE_SECONDS[question.label?.provider ?? 'generic']);
}
