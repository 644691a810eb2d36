import { describe, expect, it } from 'vitest';
import { type OptimizationPolicy, readPolicy } from '../policy/optimization-policy.ts';
import { blockedDespiteApproval, type EligibilityInput, closedGates } from './eligibility.ts';

const CPU = 'containers/app/requests/cpu';

const policy: OptimizationPolicy = readPolicy({
  metadata: { name: 'o', namespace: 'shop' },
  spec: {
    targetWorkload: { kind: 'Deployment', name: 'web' },
    optimizationType: 'ALL',
    dryRun: false,
    autoApply: true,
  },
});

const open: EligibilityInput = {
  policy,
  confidence: 0.9,
  risk: 'LOW',
  approved: false,
  present: { [CPU]: '2', replicas: 5 },
  step: { [CPU]: '1' },
  protectedBecause: undefined,
  gitOpsOwner: undefined,
  verticalAutoscaler: undefined,
  replicaAutoscaler: undefined,
  hpaManager: undefined,
  disruptionBudgets: [],
  unsettledBecause: undefined,
  opportunityOpen: true,
  dataProblem: undefined,
  underWatch: false,
  heldBecause: undefined,
};

describe('minReplicas', () => {
  it('lets sizes and replicas change down to that many', () => {
    const five = { ...policy, minReplicas: 5 };
    expect(closedGates({ ...open, policy: five })).toEqual([]);
    expect(closedGates({ ...open, policy: { ...policy, minReplicas: 3 }, step: { replicas: 3 } })).toEqual(
      [],
    );
  });

  it('is not asked of a workload without a count, such as a DaemonSet', () => {
    expect(closedGates({ ...open, policy: { ...policy, minReplicas: 6 }, present: { [CPU]: '2' } })).toEqual(
      [],
    );
  });
});

const stateful: OptimizationPolicy = { ...policy, target: { ...policy.target, kind: 'StatefulSet' } };

describe('a recommendation may be applied', () => {
  it('when every gate is open', () => {
    expect(closedGates(open)).toEqual([]);
  });

  it.each<[string, Partial<EligibilityInput>, string]>([
    ['dry runs', { policy: { ...policy, dryRun: true } }, 'DryRun'],
    ['suspension', { policy: { ...policy, suspend: true } }, 'Suspended'],
    ['protection', { protectedBecause: 'namespace kube-system is protected' }, 'Protected'],
    ['GitOps', { gitOpsOwner: 'Argo CD (shop)' }, 'GitOps'],
    ['bad data', { dataProblem: 'the newest sample is 3 h old' }, 'Data'],
    ['a running verification', { underWatch: true }, 'Verification'],
    ['a rollout under way', { unsettledBecause: '3 of 5 pods are ready' }, 'Unsettled'],
    ['fewer replicas than asked for', { policy: { ...policy, minReplicas: 6 } }, 'Replicas'],
    ['too few replicas afterwards', { policy: { ...policy, minReplicas: 2 }, step: { replicas: 1 } }, 'Replicas'],
    ['a vertical autoscaler', { verticalAutoscaler: 'web' }, 'VPA'],
    ['an autoscaler of replicas', { step: { replicas: 4 }, replicaAutoscaler: 'web' }, 'HPA'],
    ['an autoscaler that others manage', { step: { [CPU]: '1', 'hpa/web/target/cpu': 120 }, hpaManager: 'KEDA ScaledObject web' }, 'HPA'],
    ['a fixed disruption budget', { step: { replicas: 3 }, disruptionBudgets: [{ name: 'web', minAvailable: 3 }] }, 'PDB'],
    ['a budget in percent', { step: { replicas: 3 }, disruptionBudgets: [{ name: 'web', minAvailable: '90%' }] }, 'PDB'],
    ['a budget without slack', { step: { replicas: 3 }, disruptionBudgets: [{ name: 'web', maxUnavailable: 0 }] }, 'PDB'],
  ])('never against %s, not even approved', (_name, input, gate) => {
    expect(closedGates({ ...open, ...input }).map((blocker) => blocker.gate)).toEqual([gate]);
    expect(closedGates({ ...open, ...input, approved: true }).map((blocker) => blocker.gate)).toEqual([gate]);
  }); // prettier-ignore

  it.each<[string, Partial<EligibilityInput>, string]>([
    ['without autoApply', { policy: { ...policy, autoApply: false } }, 'Approval'],
    ['with too little confidence', { confidence: 0.69 }, 'Confidence'],
    ['with too much risk', { risk: 'HIGH' }, 'Risk'],
    ['before the next tick', { opportunityOpen: false }, 'Schedule'],
    ['when it takes replicas from a StatefulSet', { policy: stateful, step: { replicas: 4 } }, 'Approval'],
    ['while it is held', { heldBecause: 'rolled back by hand' }, 'Held'],
  ])('%s only with an approval', (_name, input, gate) => {
    expect(closedGates({ ...open, ...input }).map((blocker) => blocker.gate)).toEqual([gate]);
    expect(closedGates({ ...open, ...input, approved: true })).toEqual([]);
  });

  it('past GitOps where the user says so', () => {
    const input = { ...open, gitOpsOwner: 'Argo CD (shop)', policy: { ...policy, respectGitOps: false } };
    expect(closedGates(input)).toEqual([]);
  });

  it('on a StatefulSet that grows, and where a budget leaves one to spare', () => {
    expect(closedGates({ ...open, policy: stateful, step: { replicas: 6 } })).toEqual([]);
    const disruptionBudgets = [
      { name: 'web', maxUnavailable: 1 },
      { name: 'web2', minAvailable: 3 },
    ];
    expect(closedGates({ ...open, step: { replicas: 4 }, disruptionBudgets })).toEqual([]);
  });

  it('names every closed gate at once', () => {
    const input = { ...open, confidence: 0.1, risk: 'CRITICAL', underWatch: true } as const;
    expect(closedGates(input).map((blocker) => blocker.gate)).toEqual(['Verification', 'Confidence', 'Risk']);
  });
});

describe('an approval', () => {
  it('opens what stands for judgement and nothing else', () => {
    const blockedBy = [
      'Approval: waiting',
      'Risk: HIGH',
      'DryRun: dryRun is on',
      'HPA: web sets the replicas',
    ];
    expect(blockedDespiteApproval(blockedBy)).toEqual(['DryRun: dryRun is on', 'HPA: web sets the replicas']);
  });

  it('is said to open exactly the gates that it opens', () => {
    const shut = {
      ...open,
      policy: { ...policy, dryRun: true, autoApply: false },
      confidence: 0,
      risk: 'CRITICAL',
      opportunityOpen: false,
      heldBecause: 'others overrode it',
    } as const;
    const textsOf = (input: EligibilityInput): readonly string[] =>
      closedGates(input).map(({ gate, message }) => `${gate}: ${message}`);
    expect(textsOf(shut)).toHaveLength(6);
    expect(blockedDespiteApproval(textsOf(shut))).toEqual(textsOf({ ...shut, approved: true }));
  });
});
