/**
 * The changes that are under way, as the arbiter counts them: those that statuses show, and those that were granted
 * a moment ago and do not show yet.
 */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import {
  type ActiveChange,
  arbitrate,
  type ChangeRequest,
  type DisruptionBudget,
  type Grant,
} from '#domain/arbiter/arbiter.ts';
import { targetOf } from '#domain/policy/optimization-policy.ts';
import type { StoreReader } from '#kube/store/object-store.ts';
import type { Clock } from '#platform/clock.ts';
import { disruptionOf } from './disruption.ts';

/** A grant shows in the watched status within this time; later it was given up. */
const RESERVATION_MS = 60_000;

interface Reservation {
  readonly change: ActiveChange;
  readonly untilMs: number;
}

export class ActiveChanges {
  readonly #optimizations: Pick<StoreReader<CostOptimization>, 'list'>;
  readonly #clock: Clock;
  readonly #budget: DisruptionBudget;
  readonly #reserved = new Map<string, Reservation>();

  constructor(
    optimizations: Pick<StoreReader<CostOptimization>, 'list'>,
    clock: Clock,
    budget: DisruptionBudget,
  ) {
    this.#optimizations = optimizations;
    this.#clock = clock;
    this.#budget = budget;
  }

  list(): readonly ActiveChange[] {
    const shown = this.#optimizations.list().flatMap((optimization) => shownChange(optimization) ?? []);
    const actors = new Set(shown.map((change) => change.actor));
    const nowMs = this.#clock.now();
    for (const [actor, { untilMs }] of this.#reserved) {
      if (untilMs < nowMs || actors.has(actor)) this.#reserved.delete(actor);
    }
    return [...shown, ...[...this.#reserved.values()].map(({ change }) => change)];
  }

  /** Asks the arbiter once more, against what is true at this very moment, and holds the place if it grants. */
  reserve(request: ChangeRequest): Grant {
    const grant = arbitrate(request, this.list(), this.#budget);
    if (grant.granted) {
      const { actor, target, disruption } = request;
      const untilMs = this.#clock.now() + RESERVATION_MS;
      this.#reserved.set(actor, { change: { actor, target, disruption }, untilMs });
    }
    return grant;
  }
}

/** A change is active while it is applied, and while its first watch is open. */
function shownChange(optimization: CostOptimization): ActiveChange | undefined {
  const { status, metadata } = optimization;
  const watched = status?.phase === 'Applied' && status.verification?.result === 'Watching';
  if (status?.phase !== 'Applying' && !watched) return undefined;
  const applying = status.applying;
  return {
    actor: `CostOptimization ${metadata.namespace ?? ''}/${metadata.name ?? ''}`,
    target: targetOf(optimization),
    disruption: applying === undefined ? 'none' : disruptionOf(applying.fields, applying.strategy),
  };
}
