/**
 * Whether a recommendation may be applied now. Every gate that is closed is named, so that a user sees all of
 * them at once. An approval opens the gates that stand for a human's judgement, never those that protect others.
 */
import type { RiskLevel } from '#apis/optimization.k8s.io/v1/spec.ts';
import {
  type FieldMap,
  REPLICAS,
  SCALING_PLAN,
  amountOf,
  parseHpaPath,
  parseResourcePath,
} from '../change/field.ts';
import { type DisruptionBudgetFacts, healthyNeeded } from '../protection/disruption-budget.ts';
import { lowestCount, parsePlan } from '../scheduled-scaling/plan.ts';
import { type OptimizationPolicy, withinRisk } from '../policy/optimization-policy.ts';

/** A closed gate. */
export interface Blocker {
  readonly gate: string;
  readonly message: string;
}

export interface EligibilityInput {
  readonly policy: OptimizationPolicy;
  readonly confidence: number;
  readonly risk: RiskLevel;
  readonly approved: boolean;
  readonly present: FieldMap;
  readonly step: FieldMap;
  /** Why the workload is protected; undefined where it is not. */
  readonly protectedBecause: string | undefined;
  readonly gitOpsOwner: string | undefined;
  /** Name of a VerticalPodAutoscaler that acts on the workload. */
  readonly verticalAutoscaler: string | undefined;
  /** Name of an autoscaler that sets the replicas. */
  readonly replicaAutoscaler: string | undefined;
  /** What manages the HPA whose targets would follow (KEDA, GitOps): it would revert them. */
  readonly hpaManager: string | undefined;
  readonly disruptionBudgets: readonly DisruptionBudgetFacts[];
  /** Why the workload is not settled now (rollout under way, pods missing, paused); undefined where it is. */
  readonly unsettledBecause: string | undefined;
  /** Whether the schedule has ticked (or the spec changed) since the last apply. */
  readonly opportunityOpen: boolean;
  /** Undefined where usage is known well enough to act on. */
  readonly dataProblem: string | undefined;
  /** A change that is still being watched. */
  readonly underWatch: boolean;
  /** After a manual rollback or a foreign override: until the spec changes, only an approval applies. */
  readonly heldBecause: string | undefined;
}

type Gate = (input: EligibilityInput) => Blocker | undefined;

function blocker(gate: string, message: string): Blocker {
  return { gate, message };
}

/** The names of the gates below: those that stand for a human's judgement. */
const OPENED_BY_APPROVAL: readonly string[] = ['Approval', 'Confidence', 'Risk', 'Schedule', 'Held'];

/** What of `blockedBy` (`gate: message`) would still keep a recommendation from being applied once it is approved. */
export function blockedDespiteApproval(blockedBy: readonly string[]): readonly string[] {
  return blockedBy.filter((text) => !OPENED_BY_APPROVAL.includes(text.split(':', 1)[0] ?? ''));
}

/** Gates that an approval opens. */
const JUDGEMENT_GATES: readonly Gate[] = [
  ({ policy }) =>
    policy.autoApply ? undefined : blocker('Approval', 'autoApply is off: waiting for an approval'),
  ({ policy, confidence }) =>
    confidence >= policy.minConfidence
      ? undefined
      : blocker(
          'Confidence',
          `confidence ${confidence.toFixed(2)} is below minConfidence ${policy.minConfidence}`,
        ),
  ({ policy, risk }) =>
    withinRisk(risk, policy.maxRiskLevel)
      ? undefined
      : blocker('Risk', `risk ${risk} is above maxRiskLevel ${policy.maxRiskLevel}`),
  ({ opportunityOpen }) =>
    opportunityOpen
      ? undefined
      : blocker('Schedule', 'the next step waits for the next tick of the schedule'),
  ({ policy, present, step }) =>
    policy.target.kind === 'StatefulSet' && reducesReplicas(present, step)
      ? blocker('Approval', 'replicas of a StatefulSet are reduced only with an approval')
      : undefined,
  ({ heldBecause }) => (heldBecause === undefined ? undefined : blocker('Held', heldBecause)),
];

/** Gates that nothing opens but a change of the facts. */
const SAFETY_GATES: readonly Gate[] = [
  ({ policy }) => (policy.dryRun ? blocker('DryRun', 'dryRun is on') : undefined),
  ({ policy }) => (policy.suspend ? blocker('Suspended', 'suspend is on') : undefined),
  ({ protectedBecause }) =>
    protectedBecause === undefined ? undefined : blocker('Protected', protectedBecause),
  ({ gitOpsOwner, policy }) =>
    gitOpsOwner === undefined || !policy.respectGitOps
      ? undefined
      : blocker('GitOps', `${gitOpsOwner} manages the workload: apply the patch in its source`),
  ({ dataProblem }) => (dataProblem === undefined ? undefined : blocker('Data', dataProblem)),
  ({ underWatch }) =>
    underWatch ? blocker('Verification', 'the last change is still being watched') : undefined,
  ({ unsettledBecause }) =>
    unsettledBecause === undefined ? undefined : blocker('Unsettled', unsettledBecause),
  minReplicasGate,
  verticalAutoscalerGate,
  horizontalAutoscalerGate,
  disruptionBudgetGate,
];

function changesSizes(step: FieldMap): boolean {
  return Object.keys(step).some((path) => parseResourcePath(path) !== undefined);
}

/** The fewest replicas that a step leaves, at any time of the week; undefined where it does not touch them. */
function fewestReplicas(step: FieldMap): number | undefined {
  const plan = parsePlan(step[SCALING_PLAN]);
  return REPLICAS in step ? amountOf(step[REPLICAS]) : plan && lowestCount(plan);
}

function reducesReplicas(present: FieldMap, step: FieldMap): boolean {
  return (fewestReplicas(step) ?? Infinity) < (amountOf(present[REPLICAS]) ?? 0);
}

function minReplicasGate({ policy, present, step }: EligibilityInput): Blocker | undefined {
  const { minReplicas } = policy;
  const replicas = amountOf(present[REPLICAS]);
  if (changesSizes(step) && replicas !== undefined && replicas < minReplicas) {
    return blocker(
      'Replicas',
      `the workload has ${replicas} of at least minReplicas ${minReplicas} replicas`,
    );
  }
  const fewest = fewestReplicas(step) ?? Infinity;
  return reducesReplicas(present, step) && fewest < minReplicas
    ? blocker('Replicas', `${fewest} replicas are below minReplicas ${minReplicas}`)
    : undefined;
}

function verticalAutoscalerGate({ verticalAutoscaler, step }: EligibilityInput): Blocker | undefined {
  if (verticalAutoscaler === undefined || !changesSizes(step)) return undefined;
  return blocker('VPA', `VerticalPodAutoscaler ${verticalAutoscaler} sets the sizes of this workload`);
}

function horizontalAutoscalerGate(input: EligibilityInput): Blocker | undefined {
  if (REPLICAS in input.step && input.replicaAutoscaler !== undefined) {
    return blocker('HPA', `HorizontalPodAutoscaler ${input.replicaAutoscaler} sets the replicas`);
  }
  const touchesHpa = Object.keys(input.step).some(
    (path) => path === SCALING_PLAN || parseHpaPath(path) !== undefined,
  );
  return touchesHpa && input.hpaManager !== undefined
    ? blocker('HPA', `${input.hpaManager} manages the autoscaler: its bounds and targets cannot follow`)
    : undefined;
}

/** Replicas may fall only as far as every budget still allows one disruption, as drains need it. */
function disruptionBudgetGate({ present, step, disruptionBudgets }: EligibilityInput): Blocker | undefined {
  if (!reducesReplicas(present, step)) return undefined;
  const left = fewestReplicas(step) ?? 0;
  const tight = disruptionBudgets.find((budget) => left <= healthyNeeded(budget, left));
  if (tight === undefined) return undefined;
  const needed = healthyNeeded(tight, left);
  return blocker(
    'PDB',
    `PodDisruptionBudget ${tight.name} needs ${needed} healthy pods: ${left} leave none to spare`,
  );
}

/** Every closed gate, in order; empty where the step may be applied. */
export function closedGates(input: EligibilityInput): Blocker[] {
  const gates = input.approved ? SAFETY_GATES : [...SAFETY_GATES, ...JUDGEMENT_GATES];
  return gates.flatMap((gate) => gate(input) ?? []);
}
