/** Invariants of a decision to apply, looked at when the status first says so: it is written before anything else. */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { CostOptimizationStatus } from '#apis/optimization.k8s.io/v1/status.ts';
import { amountOf, type FieldMap, type FieldPath, parseResourcePath } from '#domain/change/field.ts';
import { readHpaFields } from '#domain/change/hpa-objects.ts';
import { yieldToOthers } from '#domain/rollback/rollback-entry.ts';
import { targetOf } from '#domain/policy/optimization-policy.ts';
import type { ContainerUsage } from '#domain/usage/usage.ts';
import { STALE_AFTER_SECONDS } from '#domain/usage/data-quality.ts';
import { HORIZONTAL_POD_AUTOSCALERS } from '#kube/client/builtin-types.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { type Evidence, type Invariant, templateFields } from './invariant.ts';

interface Beginning {
  readonly optimization: CostOptimization;
  readonly applying: NonNullable<CostOptimizationStatus['applying']>;
}

/** The apply that this write begins; undefined where it begins none. Moving accepted sizes is not a change. */
function beginning({ write }: Evidence): Beginning | undefined {
  if (write.type !== COST_OPTIMIZATIONS || write.subresource !== 'status') return undefined;
  if (write.before === undefined || write.after === undefined) return undefined;
  const optimization = write.after as CostOptimization;
  const { applying } = optimization.status ?? {};
  const wasApplying = (write.before as CostOptimization).status?.applying !== undefined;
  if (applying === undefined || wasApplying || applying.id.endsWith('-accepted')) return undefined;
  return { optimization, applying };
}

/** No value moves by more than maxChangePercent in one apply. */
export const withinChangeCap: Invariant = (evidence) => {
  const begun = beginning(evidence);
  if (begun === undefined) return [];
  const { optimization, applying } = begun;
  const share = (optimization.spec.maxChangePercent ?? 50) / 100;
  const present = presentFields(evidence, optimization);
  return Object.entries(applying.fields).flatMap(([path, next]) => {
    const from = amountOf(present[path]);
    const to = amountOf(next);
    if (from === undefined || to === undefined || !isCapped(path)) return [];
    const slack = slackOf(path);
    if (Math.abs(to - from) <= from * share + slack) return [];
    return [
      `${path} goes from ${String(present[path])} to ${String(next)}, more than ${String(share * 100)} %`,
    ];
  });
};

/** Utilization targets of autoscalers follow the sizes and are not capped themselves. */
function isCapped(path: FieldPath): boolean {
  return parseResourcePath(path) !== undefined || path === 'replicas' || path.endsWith('/minReplicas');
}

/** Amounts are rounded up to these steps. */
function slackOf(path: FieldPath): number {
  const resource = parseResourcePath(path)?.resource;
  if (resource === undefined) return 1e-6;
  return resource === 'cpu' ? 0.001 : 1_048_576;
}

function presentFields(evidence: Evidence, optimization: CostOptimization): FieldMap {
  const target = targetOf(optimization);
  const entry = evidence.records.of(target)[optimization.metadata.uid ?? ''];
  const hpas = evidence.access.list(HORIZONTAL_POD_AUTOSCALERS, target.namespace).map(readHpaFields);
  const fields = Object.assign({}, ...hpas, templateFields(evidence, target)) as FieldMap;
  return entry === undefined ? fields : { ...fields, ...yieldToOthers(entry, fields).overlay };
}

/** A value that proved too low is never tried again. */
export const aboveLearnedFloors: Invariant = (evidence) => {
  const begun = beginning(evidence);
  if (begun === undefined) return [];
  const { regressions = [] } = begun.optimization.status ?? {};
  return regressions.flatMap(({ floors = {} }) =>
    Object.entries(floors).flatMap(([path, floor]) => {
      const next = begun.applying.fields[path];
      if (next === undefined || (amountOf(next) ?? 0) > (amountOf(floor) ?? 0)) return [];
      return [`${path}=${String(next)} is tried again, though ${String(floor)} proved too low`];
    }),
  );
};

/** Nothing is applied on usage that was missing or old when it was asked for. */
export const onKnownDataOnly: Invariant = (evidence) => {
  const begun = beginning(evidence);
  if (begun === undefined) return [];
  const askedAtMs = Date.parse(begun.optimization.status?.lastAnalysis ?? '');
  const answers = evidence.usageOf(targetOf(begun.optimization), askedAtMs);
  const sized = Object.keys(begun.applying.fields).flatMap(
    (path) => parseResourcePath(path)?.container ?? [],
  );
  return [...new Set(sized)].flatMap((container) => {
    const found = answers.flatMap(({ containers }) =>
      containers.filter((usage) => usage.container === container),
    );
    const ageMs = askedAtMs - Math.max(-Infinity, ...found.map(newestMs));
    if (ageMs <= STALE_AFTER_SECONDS * 1000) return [];
    return [`an apply to container ${container} begins on usage that is ${String(ageMs / 1000)} s old`];
  });
};

/** The end of the newest step that has a sample; -Infinity where none has. */
function newestMs(usage: ContainerUsage): number {
  const ends = [usage.cpuCores, usage.memoryBytes].flatMap((series) => {
    const last = series?.mean.findLastIndex((value) => Number.isFinite(value)) ?? -1;
    return series === undefined || last < 0 ? [] : [series.startMs + (last + 1) * series.stepMs];
  });
  return Math.max(-Infinity, ...ends);
}

/** What a user forbade is not begun. */
export const onlyWithLeave: Invariant = (evidence) => {
  const begun = beginning(evidence);
  if (begun === undefined) return [];
  const { spec, metadata } = begun.optimization;
  const forbidden = [
    ...(spec.dryRun === false ? [] : ['dryRun is on']),
    ...(spec.suspend === true ? ['suspend is on'] : []),
    ...(metadata.deletionTimestamp === undefined ? [] : ['it is being deleted']),
  ];
  return forbidden.map((reason) => `an apply begins although ${reason}`);
};

export const EVERY_DECISION: readonly Invariant[] = [
  withinChangeCap,
  aboveLearnedFloors,
  onKnownDataOnly,
  onlyWithLeave,
];
