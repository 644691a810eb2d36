/** Remembers what the metrics source answered, so that decisions can be held against it. */
import type { MetricsParts } from '#commands/operator/operator.ts';
import type { WorkloadUsage } from '#domain/usage/usage.ts';
import { workloadKey, type WorkloadRef } from '#domain/workload/workload-ref.ts';

const DAY_MS = 86_400_000;

export class UsageWitness {
  readonly #answers = new Map<string, WorkloadUsage>();

  /** The last answer about a long time of a workload; undefined where there was none, or the source failed. */
  of(target: WorkloadRef): WorkloadUsage | undefined {
    return this.#answers.get(workloadKey(target));
  }

  /** The same metrics, watched. */
  over(parts: MetricsParts): MetricsParts {
    const { usage } = parts;
    return {
      ...parts,
      usage: {
        name: usage.name,
        usage: async (query) => {
          // Looks at the minutes after a change decide nothing about the next one.
          if (query.toMs - query.fromMs < DAY_MS) return usage.usage(query);
          for (const workload of query.workloads) this.#answers.delete(workloadKey(workload));
          const answers = await usage.usage(query);
          for (const answer of answers) this.#answers.set(workloadKey(answer.workload), answer);
          return answers;
        },
      },
    };
  }
}
