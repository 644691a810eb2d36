/** The embedded source of usage: the history, with what the collector has to say about itself. */
import { KcError } from '#errors/kc-error.ts';
import type { UsageQuery, UsageSource, WorkloadUsage } from '#domain/usage/usage.ts';
import type { CollectorStatus } from './collector/collector.ts';

export class EmbeddedUsage implements UsageSource {
  readonly name = 'embedded';
  readonly #history: UsageSource;
  readonly #status: () => CollectorStatus;

  constructor(history: UsageSource, status: () => CollectorStatus) {
    this.#history = history;
    this.#status = status;
  }

  /** Rejects where nothing at all is known because nothing can be collected; a gap in what is known shows as a gap. */
  async usage(query: UsageQuery): Promise<readonly WorkloadUsage[]> {
    const answers = await this.#history.usage(query);
    const { problem } = this.#status();
    if (problem === undefined) return answers;
    if (answers.length > 0 && answers.every(({ containers }) => containers.length === 0)) {
      throw new KcError('KC_METRICS_UNAVAILABLE', { object: 'embedded collector', problem });
    }
    return answers.map((answer) => ({ ...answer, warnings: [problem] }));
  }
}
