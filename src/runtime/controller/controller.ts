/** A controller that can be run, stopped and run again. */
import { LinkedAbort, aborted } from '#kube/transport/linked-abort.ts';
import { ControllerRun } from './controller-run.ts';
import type { ControllerEnvironment, ControllerSpec, RunSignals } from './controller-spec.ts';
import type { Source } from './source.ts';

/** Runs one ControllerSpec. It can be run again after a run has ended. */
export class Controller {
  readonly spec: ControllerSpec;
  readonly #environment: ControllerEnvironment;

  constructor(spec: ControllerSpec, environment: ControllerEnvironment) {
    this.spec = spec;
    this.#environment = { ...environment, logger: environment.logger.with({ controller: spec.name }) };
  }

  /** Works until `stop` or `abort`, and resolves when the last reconcile has ended or was given up. */
  async run(signals: RunSignals): Promise<void> {
    await syncedOrStopped(this.spec.sources, signals.stop);
    if (signals.stop.aborted) return;
    await new ControllerRun(this.spec, this.#environment, signals).whole();
  }
}

async function syncedOrStopped(sources: readonly Source[], stop: AbortSignal): Promise<void> {
  const synced = Promise.all(sources.map(async (source) => source.informer?.whenSynced()));
  const halt = new LinkedAbort(stop);
  try {
    await Promise.race([synced, aborted(halt.signal)]);
  } finally {
    halt.release();
  }
}
