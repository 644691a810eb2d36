/** What a decision about a CostOptimization consists of, and the draft in which the steps of it are collected. */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { CostOptimizationStatus } from '#apis/optimization.k8s.io/v1/status.ts';
import type { ChangeRequest } from '#domain/arbiter/arbiter.ts';
import type { FieldMap } from '#domain/change/field.ts';
import type { LedgerRow, SavingsRate } from '#domain/ledger/ledger.ts';
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import type { Finding } from '#runtime/conditions/conditions.ts';

/** One write. They are carried out in order; the status is written after the last. */
export type Action =
  | { readonly kind: 'AddFinalizer' }
  | { readonly kind: 'RemoveFinalizer' }
  /** Reserves the change with the arbiter; refused, nothing after it happens. */
  | { readonly kind: 'ReserveChange'; readonly request: ChangeRequest }
  | { readonly kind: 'SaveEntry'; readonly entry: RollbackEntry }
  /** Forgets the original, once every pod really asks for `podSizes`. */
  | { readonly kind: 'RemoveEntry'; readonly podSizes?: FieldMap }
  | { readonly kind: 'PatchHpas'; readonly changes: FieldMap }
  | {
      readonly kind: 'PatchWorkload';
      readonly changes: FieldMap;
      readonly annotations: Readonly<Record<string, string | null>>;
    }
  /** Resizes running pods in place until their specs ask for these container sizes. */
  | { readonly kind: 'ResizePods'; readonly pods: readonly string[]; readonly sizes: FieldMap }
  | { readonly kind: 'BookSavings'; readonly row: LedgerRow | undefined; readonly rate: SavingsRate };

export interface EventNote {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** What is counted, once the decision was carried out. */
export type Count =
  | { readonly kind: 'created' }
  | { readonly kind: 'applied'; readonly optimizationType: string; readonly durationMs: number }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'rolledBack' };

export interface Decision {
  /** The rule that decided, for `kcloud explain` and the logs. */
  readonly rule: string;
  readonly actions: readonly Action[];
  readonly status: CostOptimizationStatus;
  readonly events: readonly EventNote[];
  readonly counts: readonly Count[];
  readonly requeueAfterMs: number | undefined;
}

/** A decision being put together. Mutable, and never seen outside the functions that decide. */
export class Draft {
  status: CostOptimizationStatus;
  readonly #actions: Action[] = [];
  readonly #events: EventNote[] = [];
  readonly #findings: Finding[] = [];
  readonly #counts: Count[] = [];
  #requeueAfterMs: number | undefined;

  constructor(optimization: CostOptimization) {
    this.status = optimization.status ?? {};
  }

  act(...actions: readonly Action[]): void {
    this.#actions.push(...actions);
  }

  note(type: EventNote['type'], reason: string, message: string): void {
    this.#events.push({ type, reason, message });
  }

  /** What a condition is to say that only some situations know. */
  find(finding: Finding): void {
    this.#findings.push(finding);
  }

  get findings(): readonly Finding[] {
    return this.#findings;
  }

  count(count: Count): void {
    this.#counts.push(count);
  }

  /** Looks again after `ms` at the latest. */
  again(ms: number): void {
    this.#requeueAfterMs = Math.min(this.#requeueAfterMs ?? Infinity, Math.max(ms, 0));
  }

  set(change: Partial<CostOptimizationStatus>): void {
    this.status = { ...this.status, ...change };
  }

  /** Removes parts of the status. */
  drop(...names: readonly (keyof CostOptimizationStatus)[]): void {
    this.status = Object.fromEntries(
      Object.entries(this.status).filter(([name]) => !names.some((dropped) => dropped === name)),
    );
  }

  decide(rule: string): Decision {
    return {
      rule,
      actions: this.#actions,
      status: this.status,
      events: this.#events,
      counts: this.#counts,
      requeueAfterMs: this.#requeueAfterMs,
    };
  }
}
