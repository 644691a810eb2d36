/** An outbox in a file and deliveries from it, on the machine's own time. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEstimatorDatabase } from '#adapters/power-history/estimator-database.ts';
import { Delivery } from '#adapters/sinks/delivery.ts';
import { Outbox, type OutboxBounds } from '#adapters/sinks/outbox/outbox.ts';
import type { SampleBatch } from '#adapters/sinks/sample-batch.ts';
import type { Sink } from '#adapters/sinks/sink.ts';
import { SystemClock } from '#platform/clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { eventually } from '../../testenv/processes/eventually.ts';
import { removeAtExit } from '../../testenv/processes/reaper.ts';

export const T0 = Date.UTC(2026, 10, 21, 10);

/** Two containers and a node whose watts tell the step. */
export function batchAt(step: number): SampleBatch {
  const atMs = T0 + step * 15_000;
  const container = (pod: string) => ({
    kind: 'container',
    group: 'namespace/shop',
    tags: { namespace: 'shop', pod, container: 'app', node: 'n 1,=x' },
    fields: { watts: step + 0.5, origin: 'measured', note: 'say "hi"\\' },
  });
  const node = { kind: 'node', group: 'nodes', tags: { node: 'n1' }, fields: { watts: 100 + step } };
  return { atMs, samples: [container('web-0'), container('web-1'), node] };
}

/** As an estimator process: its file survives it. */
export class SinkRig {
  readonly #file: string;
  readonly #bounds: OutboxBounds;
  #end:
    | { stop: AbortController; running: Promise<void>; outbox: Outbox; delivery: Delivery; close: () => void }
    | undefined;

  constructor(bounds: OutboxBounds = { maxAgeMs: 3_600_000, maxBytes: 1 << 24 }) {
    const directory = mkdtempSync(join(tmpdir(), 'kcloud-sinks-'));
    removeAtExit(directory);
    this.#file = join(directory, 'power.db');
    this.#bounds = bounds;
  }

  start(sink: Sink): void {
    const database = openEstimatorDatabase(this.#file);
    const outbox = new Outbox(database, [sink.name], this.#bounds);
    const delivery = new Delivery({ sink, outbox, clock: new SystemClock(), logger: silentLogger });
    const stop = new AbortController();
    const running = delivery.run(stop.signal);
    const close = (): void => {
      database.close();
    };
    this.#end = { stop, running, outbox, delivery, close };
  }

  put(from: number, until: number): void {
    for (let step = from; step < until; step += 1) this.#running.outbox.put(batchAt(step));
    this.#running.outbox.wake();
  }

  get state() {
    return this.#running.delivery.state;
  }

  untilDelivered(): Promise<unknown> {
    return eventually(
      'everything to be delivered',
      () => this.state.batches === 0 && this.state.problem === undefined,
      {
        evidence: () => JSON.stringify(this.state),
      },
    );
  }

  untilDown(): Promise<unknown> {
    return eventually('the sink to be down', () => this.state.problem !== undefined);
  }

  /** As when the process ends; what is not delivered stays in the file. */
  async stop(): Promise<void> {
    const { stop, running, close } = this.#running;
    stop.abort(new Error('the process ends'));
    await running;
    close();
    this.#end = undefined;
  }

  get #running() {
    if (this.#end === undefined) throw new Error('the rig does not run');
    return this.#end;
  }
}
