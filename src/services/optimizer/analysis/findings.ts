/** A look's result as findings: one per recommendation type, each of which can be applied by itself. */
import type { OptimizationType } from '#apis/optimization.k8s.io/v1/spec.ts';
import type { RecommendationTypeName } from '#apis/optimizer-api/vocabulary.ts';
import { type FieldMap, parseHpaPath, parseResourcePath, type ResourceName } from '#domain/change/field.ts';
import { monthlyCost, replicasOf } from '#domain/cost/workload-cost.ts';
import type { Analysis, Assessment } from '#domain/recommendation/analysis.ts';
import { hashText } from '#platform/random.ts';
import type { WorkloadFacts } from '#services/recommendations/workload-facts.ts';
import type { LookResult } from './analyze-workload.ts';

export interface Finding {
  /** Stable while the finding is the same; names workload, type and values. */
  readonly id: string;
  readonly type: RecommendationTypeName;
  readonly facts: WorkloadFacts;
  readonly present: FieldMap;
  /** What it would set; empty where KCloud only reports. */
  readonly target: FieldMap;
  readonly reasons: readonly string[];
  readonly assessment: Assessment;
  readonly currentUsdPerMonth: number;
  readonly optimizedUsdPerMonth: number;
  /** The cost is that of a mix of nodes or hours: it has no parts by resource. */
  readonly pricedAsWhole?: boolean;
  readonly foundAtMs: number;
}

export function findingsOf(facts: WorkloadFacts, looks: readonly LookResult[]): Finding[] {
  const [first] = looks;
  const found = looks.flatMap((look) => wantedFindings(facts, look));
  return first === undefined ? found : [...found, ...unusedFindings(facts, first)];
}

type Wanted = Extract<Analysis, { outcome: 'wanted' }>;

function wantedFindings(facts: WorkloadFacts, look: LookResult): Finding[] {
  const { analysis, proposal } = look;
  if (analysis.outcome !== 'wanted' || proposal === undefined || !isAbout(look.type, analysis.type))
    return [];
  const { monthlyUsdOf } = analysis;
  return partsOf(analysis, proposal.target).map(({ type, fields, reasons }) => {
    const finding = findingOf(facts, look, { type, fields, reasons, assessment: analysis.assess(fields) });
    if (monthlyUsdOf === undefined) return finding;
    const { currentMonthlyUsd: currentUsdPerMonth, targetMonthlyUsd: optimizedUsdPerMonth } = proposal;
    return { ...finding, currentUsdPerMonth, optimizedUsdPerMonth, pricedAsWhole: true };
  });
}

/** A schedule owns the replicas too: what is said of them alone belongs to the look at replicas. */
function isAbout(look: OptimizationType, found: RecommendationTypeName): boolean {
  if (look === 'SPOT_INSTANCES') return found === 'spot_migration';
  return look !== 'SCHEDULED_SCALING' || found === 'scheduled_scaling';
}

interface Part {
  readonly type: RecommendationTypeName;
  readonly fields: FieldMap;
  readonly reasons: readonly string[];
}

/** CPU and memory are found together and applied apart; everything else is one thing. */
function partsOf(analysis: Wanted, target: FieldMap): Part[] {
  const sizes = (['cpu', 'memory'] as const).flatMap((resource): Part[] => {
    const fields = pick(target, (path) => resourceOf(path) === resource);
    const reasons = analysis.reasons.filter((reason) => reason.includes(`${resource}:`));
    if (Object.keys(fields).length === 0) return [];
    return [
      { type: `right_size_${resource}`, fields, reasons: reasons.length > 0 ? reasons : analysis.reasons },
    ];
  });
  const rest = pick(target, (path) => resourceOf(path) === undefined);
  if (Object.keys(rest).length === 0) return sizes;
  return [...sizes, { type: analysis.type, fields: rest, reasons: analysis.reasons }];
}

/** The resource that a field is about: of a container, or of an autoscaler's target that follows it. */
function resourceOf(path: string): ResourceName | undefined {
  const hpa = parseHpaPath(path);
  return parseResourcePath(path)?.resource ?? (hpa?.field === 'target' ? hpa.resource : undefined);
}

function pick(fields: FieldMap, keep: (path: string) => boolean): FieldMap {
  return Object.fromEntries(Object.entries(fields).filter(([path]) => keep(path)));
}

interface Found extends Part {
  readonly assessment: Assessment;
}

function findingOf(
  facts: WorkloadFacts,
  look: LookResult,
  { type, fields, reasons, assessment }: Found,
): Finding {
  const cost = (sizes: FieldMap): number =>
    monthlyCost(sizes, replicasOf(sizes, facts.target.rollout.desiredReplicas), facts.prices);
  return {
    id: `${facts.uid}.${type}.${hashOf(fields)}`,
    type,
    facts,
    present: look.present,
    target: fields,
    reasons,
    assessment,
    currentUsdPerMonth: cost(look.present),
    optimizedUsdPerMonth: type === 'delete_unused' ? 0 : cost({ ...look.present, ...fields }),
    foundAtMs: look.analysis.atMs,
  };
}

function hashOf(fields: FieldMap): string {
  const entries = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return hashText(JSON.stringify(entries)).toString(16).padStart(8, '0');
}

/** The prototype's confidence for it: idle for a week says little about what is kept for an emergency. */
const UNUSED_CONFIDENCE = 0.6;

/** A workload that does nothing is reported: only a person knows whether it may go. */
function unusedFindings(facts: WorkloadFacts, look: LookResult): Finding[] {
  const unused = look.analysis.alternatives.find(({ action }) => action === 'delete_unused');
  if (unused === undefined) return [];
  const assessment: Assessment = {
    confidence: UNUSED_CONFIDENCE,
    risk: 'HIGH',
    riskFactors: ['deletion: what is gone does not come back by itself'],
  };
  return [findingOf(facts, look, { type: 'delete_unused', fields: {}, reasons: [unused.why], assessment })];
}
