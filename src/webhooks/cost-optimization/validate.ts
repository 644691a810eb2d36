/**
 * Validates a CostOptimization beyond its schema: what needs other objects, the user, or more than CEL. Pure: the
 * webhook gathers the facts. Every error names the field and the fix; all are reported at once.
 */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { readPolicy, sharedAspects, targetOf } from '#domain/policy/optimization-policy.ts';
import { protectionOf } from '#domain/protection/protected.ts';
import { compareQuantities, tryParseQuantity } from '#apis/kubernetes/quantity.ts';
import { describeWorkload, workloadKey } from '#domain/workload/workload-ref.ts';
import { isKcError } from '#errors/kc-error.ts';

export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

/** What the webhook knows besides the object. */
export interface ValidationFacts {
  /** Labels and annotations of the target; undefined where it does not exist. */
  readonly targetMeta:
    | {
        readonly labels?: Readonly<Record<string, string>>;
        readonly annotations?: Readonly<Record<string, string>>;
      }
    | undefined;
  readonly namespaceAnnotations: Readonly<Record<string, string>> | undefined;
  readonly operatorNamespace: string;
  /** Whether the user may patch the target; undefined where it was not asked (same namespace). */
  readonly userMayPatchTarget: boolean | undefined;
  /** The user, for the message. */
  readonly user: string;
  /** Every other CostOptimization of the cluster. */
  readonly others: readonly CostOptimization[];
}

export interface ValidationResult {
  readonly problems: readonly FieldProblem[];
  readonly warnings: readonly string[];
}

export function validateCostOptimization(
  optimization: CostOptimization,
  facts: ValidationFacts,
): ValidationResult {
  const problems = [
    ...policyProblems(optimization),
    ...boundProblems(optimization),
    ...protectionProblems(optimization, facts),
    ...accessProblems(optimization, facts),
    ...ownershipProblems(optimization, facts),
  ];
  return { problems, warnings: warningsFor(optimization, facts) };
}

function policyProblems(optimization: CostOptimization): FieldProblem[] {
  try {
    readPolicy(optimization);
    return [];
  } catch (error) {
    if (!isKcError(error)) throw error;
    return [{ field: error.field ?? 'spec', message: `${error.problem}; ${error.fix}` }];
  }
}

const BOUNDS = ['minCpu', 'maxCpu', 'minMemory', 'maxMemory', 'oomMinBumpUp'] as const;

function boundProblems(optimization: CostOptimization): FieldProblem[] {
  return (optimization.spec.containers ?? []).flatMap((policy, index) => {
    const path = `spec.containers[${String(index)}]`;
    const unreadable = BOUNDS.filter((bound) => {
      const value = policy[bound];
      return value !== undefined && tryParseQuantity(value) === undefined;
    });
    if (unreadable.length > 0) {
      return unreadable.map((bound) => ({
        field: `${path}.${bound}`,
        message: `"${String(policy[bound])}" is not a quantity; write for example 500m, 2 or 512Mi`,
      }));
    }
    return [
      ...crossed(`${path}.minCpu`, policy.minCpu, policy.maxCpu),
      ...crossed(`${path}.minMemory`, policy.minMemory, policy.maxMemory),
    ];
  });
}

type Bound = string | number | undefined;

function crossed(field: string, low: Bound, high: Bound): FieldProblem[] {
  const least = low === undefined ? undefined : tryParseQuantity(low);
  const most = high === undefined ? undefined : tryParseQuantity(high);
  if (least === undefined || most === undefined || compareQuantities(least, most) <= 0) return [];
  return [
    { field, message: `${String(low)} is above the upper bound ${String(high)}; swap them or drop one` },
  ];
}

function protectionProblems(optimization: CostOptimization, facts: ValidationFacts): FieldProblem[] {
  const reason = protectionOf({
    target: targetOf(optimization),
    labels: facts.targetMeta?.labels,
    annotations: facts.targetMeta?.annotations,
    namespaceAnnotations: facts.namespaceAnnotations,
    operatorNamespace: facts.operatorNamespace,
  });
  return reason === undefined
    ? []
    : [{ field: 'spec.targetWorkload', message: `${reason}; choose another workload` }];
}

function accessProblems(optimization: CostOptimization, facts: ValidationFacts): FieldProblem[] {
  if (facts.userMayPatchTarget !== false) return [];
  const message = `user "${facts.user}" may not patch ${describeWorkload(targetOf(optimization))}; ask for that right, or create the CostOptimization in a namespace of your own`;
  return [{ field: 'spec.targetWorkload.namespace', message }];
}

function ownershipProblems(optimization: CostOptimization, facts: ValidationFacts): FieldProblem[] {
  const target = targetOf(optimization);
  const key = workloadKey(target);
  return facts.others
    .filter((other) => other.metadata.deletionTimestamp === undefined && workloadKey(targetOf(other)) === key)
    .flatMap((other) => {
      const shared = sharedAspects(
        optimization.spec.optimizationType,
        other.spec.optimizationType,
        target.kind,
      );
      if (shared.length === 0) return [];
      const name = `${other.metadata.namespace ?? ''}/${other.metadata.name ?? ''}`;
      const message = `CostOptimization ${name} already optimizes ${shared.join(', ')} of ${describeWorkload(target)}; delete it first or choose another type`;
      return [{ field: 'spec.optimizationType', message }];
    });
}

function warningsFor(optimization: CostOptimization, facts: ValidationFacts): string[] {
  if (facts.targetMeta !== undefined) return [];
  const target = describeWorkload(targetOf(optimization));
  return [`${target} does not exist yet; it is looked for again before every analysis and every apply`];
}
