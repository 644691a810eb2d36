/** CostOptimization.status: what the operator reports, and all it needs to go on after a crash. */
import { type Static, Type } from 'typebox';
import { RISK_LEVELS } from './spec.ts';
import { ScalingStatus, SpotStatus } from './spot-status.ts';

export const PHASES = [
  'Pending',
  'Analyzing',
  'Ready',
  'Applying',
  'Applied',
  'Failed',
  'RolledBack',
] as const;
export type Phase = (typeof PHASES)[number];

const time = (description: string) => Type.String({ format: 'date-time', description });
const usd = (description: string) => Type.Number({ description });

/** Values are texts (`750m`, `2Gi`) or numbers (replicas). */
const Changes = (description: string) =>
  Type.Record(
    Type.String(),
    Type.Union([Type.Integer(), Type.String()], { 'x-kubernetes-int-or-string': true }),
    { description },
  );

const Recommendation = Type.Object(
  {
    id: Type.String({ description: 'Names this very recommendation; approve it by this name.' }),
    optimizationType: Type.String({
      description:
        'right_size_cpu, right_size_memory, reduce_replicas, increase_replicas, spot_migration, scheduled_scaling.',
    }),
    currentCost: usd('Cost of the workload as it is, USD per month.'),
    optimizedCost: usd('Cost after the next step, USD per month.'),
    monthlySavings: usd('What the next step saves, USD per month; negative where safety costs more.'),
    confidenceScore: Type.Number({
      description: 'Estimated probability that the recommendation keeps its promise, 0–1.',
    }),
    riskLevel: Type.Enum([...RISK_LEVELS], { description: 'Risk of the next step.' }),
    changes: Changes('What the next step writes.'),
    target: Type.Optional(
      Changes('Where the steps lead, if maxChangePercent keeps the next step short of it.'),
    ),
    targetMonthlySavings: Type.Optional(usd('What all steps together save, USD per month.')),
    reasons: Type.Optional(Type.Array(Type.String(), { description: 'Why, in order of weight.' })),
    blockedBy: Type.Optional(
      Type.Array(Type.String(), { description: 'What keeps it from being applied by itself.' }),
    ),
    patch: Type.Optional(
      Type.String({ description: 'A ready strategic merge patch, for workloads that GitOps manages.' }),
    ),
  },
  { description: 'The recommendation at hand.' },
);
export type Recommendation = Static<typeof Recommendation>;

const Verification = Type.Object(
  {
    beganAt: time('When the apply began.'),
    startedAt: time('When the change was complete.'),
    endsAt: time('When the window closes.'),
    result: Type.Enum(['Watching', 'Passed', 'Regressed', 'Unknown'], {
      description: 'What the watch has shown so far.',
    }),
    restarts: Type.Optional(
      Type.Integer({ description: 'Container restarts of the workload when the change began.' }),
    ),
    throttledRatio: Type.Optional(
      Type.Number({ description: 'Share of throttled CPU periods before the change, 0–1.' }),
    ),
  },
  { description: 'The watch after the latest change.' },
);
export type Verification = Static<typeof Verification>;

const Applying = Type.Object(
  {
    id: Type.String({ description: 'The recommendation being applied.' }),
    startedAt: time('When the apply began.'),
    strategy: Type.Enum(['InPlace', 'Rollout'], { description: 'How pods get their new size.' }),
    monthlySavings: usd('What it promises, USD per month.'),
    fields: Changes('The fields it writes, by path.'),
    from: Type.Optional(Changes('What they held when it was decided; those that were not set are left out.')),
    throttledRatio: Type.Optional(
      Type.Number({ description: 'Share of throttled CPU periods before it, 0–1.' }),
    ),
    resizeRefused: Type.Optional(
      Type.String({ description: 'Why the API server refused a resize in place.' }),
    ),
  },
  { description: 'The apply under way.' },
);

const Regression = Type.Object(
  {
    at: time('When it was seen.'),
    id: Type.String({ description: 'The recommendation that did harm.' }),
    reason: Type.String({
      description:
        'OOMKilled, CrashLoop, Throttled, RolloutFailed, Unschedulable, SLOBreached, Unready, Interrupted, Manual, Overridden.',
    }),
    message: Type.String({ description: 'The evidence.' }),
    generation: Type.Optional(Type.Integer({ description: 'The spec under which it happened.' })),
    changes: Type.Optional(Changes('What had been changed.')),
    floors: Type.Optional(
      Changes('Values that proved too low, by field: never recommended again at or below them.'),
    ),
  },
  { description: 'A change that did harm, remembered.' },
);
export type Regression = Static<typeof Regression>;

const Contested = Type.Object(
  {
    since: time('When the first of these rounds was seen.'),
    last: time('When the latest one was seen.'),
    rounds: Type.Integer({ description: 'How often pods were given the sizes in force again.' }),
    pod: Type.String({ description: 'A pod that this happened to.' }),
    left: Type.Optional(time('Since when pods are left as others size them.')),
    generation: Type.Optional(Type.Integer({ description: 'The spec under which they were left.' })),
  },
  { description: 'Someone else resizes the pods of this workload in place.' },
);
export type Contested = Static<typeof Contested>;

const RealizedSavings = Type.Object(
  {
    usd: usd('Money really saved so far, measured on the same demand.'),
    monthlyUsd: usd('The present rate, USD per month.'),
    predictedMonthlyUsd: usd('What the applied recommendations promised, USD per month.'),
    since: time('When the first change took effect.'),
    through: time('Up to when it is booked.'),
    priceSource: Type.String({ description: 'Where the prices come from.' }),
  },
  { description: 'What was really saved; from the ledger.' },
);
export type RealizedSavings = Static<typeof RealizedSavings>;

const DataQuality = Type.Object(
  {
    samples: Type.Integer({ description: 'Samples read.' }),
    coverage: Type.Number({ description: 'Share of the steps that have a sample, 0–1.' }),
    ageSeconds: Type.Optional(
      Type.Integer({ description: 'Age of the newest sample; absent without samples.' }),
    ),
    historySeconds: Type.Optional(Type.Integer({ description: 'How far back samples reach.' })),
    source: Type.String({ description: 'The metrics source that answered.' }),
  },
  { description: 'How good the data of the last analysis was.' },
);
export type DataQuality = Static<typeof DataQuality>;

const Evidence = Type.Object({
  name: Type.String(),
  value: Type.Optional(Type.String()),
  source: Type.Optional(Type.String()),
  ageSeconds: Type.Optional(Type.Integer()),
});
export type Evidence = Static<typeof Evidence>;

const Alternative = Type.Object({ action: Type.String(), verdict: Type.String(), why: Type.String() });
export type Alternative = Static<typeof Alternative>;

const DecisionRecord = Type.Object(
  {
    at: time('When it was taken.'),
    rule: Type.String({ description: 'The rule that decided.' }),
    outcome: Type.String({ description: 'What was decided.' }),
    inputs: Type.Array(Evidence, { description: 'What it was based on, with sources and ages.' }),
    alternatives: Type.Array(Alternative, { description: 'What else was weighed, and why not.' }),
  },
  { description: 'The latest decision, for `kcloud explain`.' },
);
export type DecisionRecord = Static<typeof DecisionRecord>;

const Condition = Type.Object({
  type: Type.String({ maxLength: 316 }),
  status: Type.Enum(['True', 'False', 'Unknown']),
  observedGeneration: Type.Optional(Type.Integer({ minimum: 0 })),
  lastTransitionTime: Type.String({ format: 'date-time' }),
  reason: Type.String({ minLength: 1, maxLength: 1024 }),
  message: Type.String({ maxLength: 32768 }),
});

export const CostOptimizationStatus = Type.Object(
  {
    phase: Type.Optional(Type.Enum([...PHASES], { description: 'Where the loop stands.' })),
    message: Type.Optional(Type.String({ description: 'The same in a sentence.' })),
    observedGeneration: Type.Optional(Type.Integer({ description: 'The spec that this status is about.' })),
    lastAnalysis: Type.Optional(time('When usage was last analysed.')),
    lastApplied: Type.Optional(time('When a change was last applied.')),
    appliedGeneration: Type.Optional(
      Type.Integer({ description: 'The spec under which a change was last applied.' }),
    ),
    lastRolledBack: Type.Optional(time('When a change was last rolled back.')),
    nextAnalysis: Type.Optional(time('When the next analysis is due.')),
    currentRecommendation: Type.Optional(Recommendation),
    appliedOptimizations: Type.Optional(
      Type.Integer({ description: 'Changes applied and not rolled back.' }),
    ),
    totalSavings: Type.Optional(
      usd('Savings in force against the original, USD per month: realised where verified, else predicted.'),
    ),
    savings: Type.Optional(
      Type.String({
        description: 'Savings in force, or recommended where none are, USD per month, for tables.',
      }),
    ),
    realizedSavings: Type.Optional(RealizedSavings),
    dataQuality: Type.Optional(DataQuality),
    applying: Type.Optional(Applying),
    verification: Type.Optional(Verification),
    originalVersion: Type.Optional(
      Type.Integer({
        minimum: 0,
        description:
          'The version of the stored original that was written last; older copies are not believed.',
      }),
    ),
    regressions: Type.Optional(Type.Array(Regression, { maxItems: 10, description: 'Latest first.' })),
    handledRequests: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'Values of the request annotations that were carried out.',
      }),
    ),
    contested: Type.Optional(Contested),
    spot: Type.Optional(SpotStatus),
    scaling: Type.Optional(ScalingStatus),
    decision: Type.Optional(DecisionRecord),
    conditions: Type.Optional(
      Type.Array(Condition, {
        description:
          'Ready, Reconciling, Stalled (kstatus), Analyzed, Applied, Verified, Restored, Contested.',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
      }),
    ),
  },
  { description: 'What the operator found and did.' },
);
export type CostOptimizationStatus = Static<typeof CostOptimizationStatus>;
