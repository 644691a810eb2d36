/** Advice on the sizes of every container of a workload. */
import { formatQuantity, quantityFromNumber, unitsOf } from '#apis/kubernetes/quantity.ts';
import type { ContainerPolicy } from '#apis/optimization.k8s.io/v1/container-policy.ts';
import {
  amountOf,
  type FieldMap,
  type FieldPath,
  parseResourcePath,
  type ResourceField,
  type ResourceName,
  resourcePath,
} from '../change/field.ts';
import { policyFor } from '../policy/container-policies.ts';
import type { OptimizationPolicy } from '../policy/optimization-policy.ts';
import type { DataRules } from '../rightsizing/data-rules.ts';
import { OOM_BUMP, type OomBump } from '../rightsizing/floors.ts';
import type { CurrentSize } from '../rightsizing/limits.ts';
import type { SizeAction, SizeOutcome, SizeRecommendation } from '../rightsizing/outcome.ts';
import { type ContainerQuestion, type ContainerSizes, recommendContainer } from '../rightsizing/recommend.ts';
import type { ResourcePolicy } from '../rightsizing/resource-context.ts';
import { assessRisk, type Risk } from '../rightsizing/risk.ts';
import type { ContainerUsage } from '../usage/usage.ts';
import type { Advice, Advised, StepAmounts } from './advice.ts';
import { alternativeOf, type EvidenceSource, evidenceOf } from './measures.ts';
import { usageProfile } from './usage-profile.ts';

export interface SizeQuestion {
  readonly policy: OptimizationPolicy;
  /** The sizes in force. */
  readonly present: FieldMap;
  readonly replicas: number;
  readonly usage: readonly ContainerUsage[];
  /** Values that proved too low, by field. */
  readonly floors: FieldMap;
  readonly nowMs: number;
  readonly rules: Partial<DataRules>;
  readonly source: EvidenceSource;
}

/** Advice on each of the resources for each container that the policy does not leave alone. */
export function adviseSizes(question: SizeQuestion, resources: readonly ResourceName[]): Advised[] {
  return sizedIn(question.present).flatMap((field) => {
    const policy = policyFor(question.policy.containers, field.container);
    if (policy.mode === 'Off') return [];
    const usage = question.usage.find((known) => known.container === field.container);
    const sizes = recommendContainer(containerQuestion(question, field, { policy, usage }));
    const controlled = policy.controlledResources ?? resources;
    return resources
      .filter((resource) => controlled.includes(resource))
      .map((resource) => advised(question, { ...field, resource }, { sizes, usage, policy }));
  });
}

type SizedField = Pick<ResourceField, 'in' | 'container'>;

/** The containers that the fields speak of, each once. */
function sizedIn(present: FieldMap): SizedField[] {
  const found = new Map<string, SizedField>();
  for (const path of Object.keys(present)) {
    const field = parseResourcePath(path);
    if (field !== undefined) found.set(`${field.in}/${field.container}`, field);
  }
  return [...found.values()];
}

interface Known {
  readonly policy: ContainerPolicy;
  readonly usage: ContainerUsage | undefined;
}

function containerQuestion(question: SizeQuestion, field: SizedField, known: Known): ContainerQuestion {
  const { policy } = known;
  const at = (resource: ResourceName): FieldPath => resourcePath({ ...field, list: 'requests', resource });
  return {
    usage: known.usage ?? { container: field.container, oomKills: [] },
    nowMs: question.nowMs,
    rules: question.rules,
    cpu: currentSize(question.present, { ...field, resource: 'cpu' }),
    memory: currentSize(question.present, { ...field, resource: 'memory' }),
    cpuPolicy: bounds(policy.minCpu, policy.maxCpu, policy.cpuPercentile),
    memoryPolicy: bounds(policy.minMemory, policy.maxMemory, policy.memoryPercentile),
    controlledValues: policy.controlledValues ?? 'RequestsAndLimits',
    harmfulCpuCores: amountOf(question.floors[at('cpu')]),
    harmfulMemoryBytes: amountOf(question.floors[at('memory')]),
    oomBump: oomBumpOf(policy),
  };
}

function oomBumpOf({ oomBumpUpRatio, oomMinBumpUp }: ContainerPolicy): OomBump {
  return {
    factor: oomBumpUpRatio ?? OOM_BUMP.factor,
    bytes: oomMinBumpUp === undefined ? OOM_BUMP.bytes : unitsOf(oomMinBumpUp),
  };
}

type Bound = string | number | undefined;

function bounds(min: Bound, max: Bound, percentile: number | undefined): ResourcePolicy {
  return {
    min: min === undefined ? undefined : unitsOf(min),
    max: max === undefined ? undefined : unitsOf(max),
    percentile,
  };
}

type ResourceOf = SizedField & { readonly resource: ResourceName };

function currentSize(present: FieldMap, field: ResourceOf): CurrentSize {
  return {
    request: amountOf(present[resourcePath({ ...field, list: 'requests' })]),
    limit: amountOf(present[resourcePath({ ...field, list: 'limits' })]),
  };
}

interface Sized extends Known {
  readonly sizes: ContainerSizes;
}

function advised(question: SizeQuestion, field: ResourceOf, { sizes, usage, policy }: Sized): Advised {
  const subject = `${field.container} ${field.resource}`;
  const outcome: SizeOutcome = sizes[field.resource];
  const inputs = outcome.measures.map((measure) => evidenceOf(subject, measure, question.source));
  if (outcome.kind === 'refusal') {
    const reason = `${subject}: ${outcome.message}`;
    return { verdict: { kind: 'silent', code: outcome.code, reason }, inputs, alternatives: [] };
  }
  const alternatives = outcome.alternatives.map((alternative) => alternativeOf(subject, alternative));
  const reason = `${subject}: ${outcome.promise.text}`;
  const unwanted = againstDirection(outcome.action, policy.direction);
  if (unwanted !== undefined) {
    return { verdict: { kind: 'content', reason: `${subject}: ${unwanted}` }, inputs, alternatives };
  }
  if (outcome.action === 'keep') return { verdict: { kind: 'content', reason }, inputs, alternatives };
  return { verdict: adviceOf(question, field, { outcome, usage, reason }), inputs, alternatives };
}

/** Why the user does not want such a step; undefined where it is wanted. */
function againstDirection(action: SizeAction, direction: ContainerPolicy['direction']): string | undefined {
  if (action === 'lower' && direction === 'RaiseOnly') return 'could be lowered, but direction is RaiseOnly';
  if (action === 'raise' && direction === 'LowerOnly') return 'needs more, but direction is LowerOnly';
  return undefined;
}

interface Found {
  readonly outcome: SizeRecommendation;
  readonly usage: ContainerUsage | undefined;
  readonly reason: string;
}

function adviceOf(question: SizeQuestion, field: ResourceOf, { outcome, usage, reason }: Found): Advice {
  const path = resourcePath({ ...field, list: 'requests' });
  const limitPath = resourcePath({ ...field, list: 'limits' });
  const limit =
    outcome.limit === undefined ? {} : { [limitPath]: quantityText(outcome.limit, field.resource) };
  const capped = question.present[limitPath] ?? limit[limitPath] ?? null;
  return {
    kind: 'advice',
    type: field.resource === 'cpu' ? 'right_size_cpu' : 'right_size_memory',
    field: path,
    promised: field.resource === 'memory' && capped !== null ? limitPath : path,
    wanted: { [path]: quantityText(outcome.request, field.resource), ...limit },
    basis: outcome.basis,
    riskAt: riskOf(question, field, usage),
    reason,
  };
}

function riskOf(
  question: SizeQuestion,
  field: ResourceOf,
  usage: ContainerUsage | undefined,
): (step: StepAmounts) => Risk {
  const present = amountOf(question.present[resourcePath({ ...field, list: 'requests' })]);
  const profile = usageProfile(usage, field.resource);
  return ({ amount, promised, confidence }) =>
    assessRisk({
      what: field.resource,
      change: present === undefined || present === 0 ? 0 : amount / present - 1,
      workloadKind: question.policy.target.kind,
      replicas: question.replicas,
      confidence,
      burstiness: profile.burstiness,
      utilisation: present === undefined || profile.p95 === undefined ? undefined : profile.p95 / present,
      oomKills: usage?.oomKills.length ?? 0,
      throttledRatio: profile.throttledRatio,
      belowPeak: profile.peak !== undefined && promised < profile.peak,
    });
}

const MEBIBYTE_NANO = 2n ** 20n * 1_000_000_000n;

function quantityText(amount: number, resource: ResourceName): string {
  return formatQuantity(
    resource === 'cpu' ? quantityFromNumber(amount) : quantityFromNumber(amount, 'BinarySI', MEBIBYTE_NANO),
  );
}
