/** Writes the status of one pod: changes that come together go out together, and what failed is tried again. */
import type { Pod } from '#apis/kubernetes/builtin.ts';
import { keyOf } from '#apis/kubernetes/object.ts';
import { KcError } from '#errors/kc-error.ts';
import { isConflict, isNotFound } from '#kube/client/api-error.ts';
import { PODS } from '#kube/client/builtin-types.ts';
import { TimerGroup } from '../../simulation/timer-group.ts';
import { type FleetContext, noteFailure } from '../fleet-context.ts';
import { sameJson } from '../same-json.ts';

export interface StatusWriterOptions {
  readonly context: FleetContext;
  /** The newest known state of the pod. */
  readonly pod: () => Pod;
  readonly build: () => Pod['status'];
  /** The server answered with a newer state. */
  readonly onWritten: (pod: Pod) => void;
}

const CONFLICT_RETRY_MS = 20;
const FAILURE_RETRY_MS = 1000;

export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #timers: TimerGroup;
  #dirty = false;
  #writing = false;
  #closed = false;
  #sent: Pod['status'];
  #waiting: (() => void)[] = [];

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    this.#timers = new TimerGroup(options.context.clock);
  }

  /** The status has changed. */
  request(): void {
    if (this.#dirty || this.#closed) return;
    this.#dirty = true;
    if (!this.#writing) this.#timers.after(0, () => { void this.#write(); }); // prettier-ignore
  }

  /** Resolves when everything that was requested is written, or cannot be any more. */
  flushed(): Promise<void> {
    if (this.#closed || (!this.#dirty && !this.#writing)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#closed = true;
    this.#timers.cancelAll();
    this.#release();
  }

  async #write(): Promise<void> {
    this.#dirty = false;
    this.#writing = true;
    const retryMs = await this.#attempt();
    this.#writing = false;
    if (retryMs !== undefined) this.#dirty = true;
    if (this.#closed || !this.#dirty) this.#release();
    else this.#timers.after(retryMs ?? 0, () => { void this.#write(); }); // prettier-ignore
  }

  /** Resolves with when to try again, if that is needed. */
  async #attempt(): Promise<number | undefined> {
    const { context, pod, build, onWritten } = this.#options;
    const status = build();
    if (sameJson(status, this.#sent)) return undefined;
    const metadata = { resourceVersion: pod().metadata?.resourceVersion };
    try {
      const body = { metadata, status };
      onWritten(await context.access.mergePatch(PODS, keyOf(pod()), { body, subresource: 'status' }));
      this.#sent = status;
      return undefined;
    } catch (error) {
      if (isNotFound(error)) {
        this.close();
        return undefined;
      }
      if (isConflict(error)) return CONFLICT_RETRY_MS;
      noteFailure(context, 'writing a pod status', error);
      return error instanceof KcError ? FAILURE_RETRY_MS : undefined;
    }
  }

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
