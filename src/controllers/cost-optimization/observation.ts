/** Everything a decision about one CostOptimization needs, read at one moment. Plain values, no I/O behind them. */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { ActiveChange, DisruptionBudget } from '#domain/arbiter/arbiter.ts';
import type { ResourcePrices } from '#domain/cost/resource-prices.ts';
import type { LedgerState } from '#domain/ledger/ledger-store.ts';
import type { OptimizationPolicy } from '#domain/policy/optimization-policy.ts';
import type { DisruptionBudgetFacts } from '#domain/protection/disruption-budget.ts';
import type { Analysis } from '#domain/recommendation/analysis.ts';
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import type { SpotMemory } from '#domain/spot/interruptions.ts';
import type { SpotQuestion } from '#domain/spot/spot-question.ts';
import type { ServiceLevelReading } from '#domain/verification/verification.ts';
import type { HpaFacts } from '#domain/workload/hpa-facts.ts';
import type { PodFacts } from '#domain/workload/pod-facts.ts';
import type { TargetFacts } from '#domain/workload/target-facts.ts';

/** What stands around the workload. */
export interface Surroundings {
  readonly protectedBecause: string | undefined;
  readonly gitOpsOwner: string | undefined;
  /** A VerticalPodAutoscaler that acts on the workload. */
  readonly verticalAutoscaler: string | undefined;
  readonly disruptionBudgets: readonly DisruptionBudgetFacts[];
  readonly hpas: readonly HpaFacts[];
}

/** What a move to spot nodes depends on. */
export interface SpotObservation {
  readonly question: SpotQuestion;
  /** Interruptions, this look included. */
  readonly memory: SpotMemory;
  /** What its pods would pay on on-demand nodes; undefined where that is not listed. */
  readonly onDemandPrices: ResourcePrices | undefined;
}

/** What the metrics source says of a change under watch; undefined parts are unknown. */
export interface WatchEvidence {
  readonly throttledRatio: number | undefined;
  readonly metricsAgeMs: number | undefined;
  readonly serviceLevels: readonly ServiceLevelReading[];
}

/** Settings of the operator that decisions read. */
export interface DecisionSettings {
  readonly analysisIntervalMs: number;
  readonly budget: DisruptionBudget;
  /** How long an apply may take until every pod has its new size. */
  readonly applyDeadlineMs: number;
  /** How long a deferred resize in place is waited for before the template is changed instead. */
  readonly resizePatienceMs: number;
}

export interface Observation {
  readonly nowMs: number;
  readonly settings: DecisionSettings;
  readonly optimization: CostOptimization;
  readonly policy: OptimizationPolicy;
  /** Undefined where the workload does not exist. */
  readonly target: TargetFacts | undefined;
  readonly pods: readonly PodFacts[];
  readonly surroundings: Surroundings;
  readonly entry: RollbackEntry | undefined;
  /** The workload says that it was changed, and no store knows its original. */
  readonly originalLost?: boolean;
  readonly canResizeInPlace: boolean;
  readonly prices: ResourcePrices;
  /** Undefined where the ledger cannot be read. */
  readonly ledger: LedgerState | undefined;
  readonly activeChanges: readonly ActiveChange[];
  /** Present when an analysis was due. */
  readonly analysis: Analysis | undefined;
  /** Present when a change is under watch. */
  readonly evidence: WatchEvidence | undefined;
  /** Present for SPOT_INSTANCES. */
  readonly spot?: SpotObservation | undefined;
}
