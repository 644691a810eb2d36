/** The metrics of the cost optimizer: the six names that its users know, and two of our own. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { StoreReader } from '#kube/store/object-store.ts';
import type { Count } from './decision.ts';

/** From a resize in place (a second) to a slow rollout (an hour). */
const SECONDS = [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

export class CostOptimizationMetrics {
  readonly #created: Counter;
  readonly #applied: Counter<'optimization_type'>;
  readonly #failed: Counter<'reason'>;
  readonly #rollbacks: Counter;
  readonly #duration: Histogram;

  constructor(registry: Registry, optimizations: StoreReader<CostOptimization>) {
    const registers = [registry];
    this.#created = new Counter({
      name: 'costopt_optimizations_created_total',
      help: 'CostOptimizations taken up.',
      registers,
    });
    this.#applied = new Counter({
      name: 'costopt_optimizations_applied_total',
      help: 'Changes that were applied.',
      labelNames: ['optimization_type'],
      registers,
    });
    this.#failed = new Counter({
      name: 'costopt_optimizations_failed_total',
      help: 'Changes that did harm, could not be applied, or were overridden.',
      labelNames: ['reason'],
      registers,
    });
    this.#rollbacks = new Counter({
      name: 'costopt_rollbacks_total',
      help: 'Changes that were rolled back.',
      registers,
    });
    this.#duration = new Histogram({
      name: 'costopt_optimization_duration_seconds',
      help: 'From the first write of a change until every pod had its new size.',
      buckets: SECONDS,
      registers,
    });
    registerGauges(registry, optimizations);
  }

  count(count: Count): void {
    if (count.kind === 'created') this.#created.inc();
    else if (count.kind === 'failed') this.#failed.inc({ reason: count.reason });
    else if (count.kind === 'rolledBack') this.#rollbacks.inc();
    else {
      this.#applied.inc({ optimization_type: count.optimizationType });
      this.#duration.observe(count.durationMs / 1000);
    }
  }
}

/** Gauges are read from the statuses at each scrape: they cannot drift, and nothing is counted twice. */
function registerGauges(registry: Registry, optimizations: StoreReader<CostOptimization>): void {
  new Gauge({
    name: 'costopt_total_monthly_savings_usd',
    help: 'Savings in force, USD per month: realised where verified, predicted where still watched.',
    registers: [registry],
    collect() {
      this.set(sum(optimizations, (status) => status.totalSavings));
    },
  });
  new Gauge({
    name: 'costopt_realized_savings_usd',
    help: 'Money really saved so far by the CostOptimizations that exist, USD.',
    registers: [registry],
    collect() {
      this.set(sum(optimizations, (status) => status.realizedSavings?.usd));
    },
  });
  new Gauge({
    name: 'costopt_optimizations',
    help: 'CostOptimizations by phase.',
    labelNames: ['phase'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { status } of optimizations.list()) this.inc({ phase: status?.phase ?? 'Pending' });
    },
  });
}

type Status = NonNullable<CostOptimization['status']>;

function sum(
  optimizations: StoreReader<CostOptimization>,
  read: (status: Status) => number | undefined,
): number {
  return optimizations.list().reduce((total, { status }) => total + (read(status ?? {}) ?? 0), 0);
}
