/** Remembers what the metrics source answered, so that decisions can be held against it. */
import type { MetricsParts } from '#commands/operator/operator.ts';
import { DAY_MS, MINUTE_MS } from '#domain/units/duration.ts';
import type { WorkloadUsage } from '#domain/usage/usage.ts';
import { workloadKey, type WorkloadRef } from '#domain/workload/workload-ref.ts';

/** No source takes longer than this to answer: what is older decides nothing any more. */
const KEPT_MS = 30 * MINUTE_MS;

interface Answer {
  readonly workload: string;
  readonly askedAtMs: number;
  readonly usage: WorkloadUsage;
}

export class UsageWitness {
  #answers: readonly Answer[] = [];

  /**
   * The answers about a long time of a workload to what was asked in that second. Several optimizations of a workload
   * may ask at once and hear different things; each decides on its own answer.
   */
  of(target: WorkloadRef, askedAtMs: number): readonly WorkloadUsage[] {
    return this.#answers
      .filter(
        (answer) =>
          answer.workload === workloadKey(target) && secondOf(answer.askedAtMs) === secondOf(askedAtMs),
      )
      .map(({ usage }) => usage);
  }

  /** The same metrics, watched. */
  over(parts: MetricsParts): MetricsParts {
    const { usage } = parts;
    return {
      ...parts,
      usage: {
        name: usage.name,
        usage: async (query) => {
          const answers = await usage.usage(query);
          // Looks at the minutes after a change decide nothing about the next one.
          if (query.toMs - query.fromMs >= DAY_MS) this.#remember(query.toMs, answers);
          return answers;
        },
      },
    };
  }

  #remember(askedAtMs: number, answers: readonly WorkloadUsage[]): void {
    const kept = this.#answers.filter((answer) => askedAtMs - answer.askedAtMs < KEPT_MS);
    const heard = answers.map((usage) => ({ workload: workloadKey(usage.workload), askedAtMs, usage }));
    this.#answers = [...kept, ...heard];
  }
}

/** Statuses tell times to the second. */
function secondOf(epochMs: number): number {
  return Math.floor(epochMs / 1000);
}
