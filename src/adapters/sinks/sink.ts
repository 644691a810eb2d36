/** A place outside of this process that samples are sent to. */
import type { SampleBatch } from './sample-batch.ts';

export interface Sink {
  /** For people and metrics: `redis`, `influxdb`. */
  readonly name: string;
  /** The address, without secrets. */
  readonly address: string;
  /**
   * Resolves when the sink has the batch, also where it had it before. Rejects with KC_SINK_UNAVAILABLE or
   * KC_REDIS_UNAVAILABLE where it may be sent again, KC_SINK_REFUSED where it would be refused each time.
   */
  write(batch: SampleBatch, signal?: AbortSignal): Promise<void>;
  close(): void;
}
