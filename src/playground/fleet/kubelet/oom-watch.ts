/** Waits for the moment at which a container's working set exceeds its memory limit. */
import type { Clock, Timer } from '#platform/clock.ts';
import type { ContainerMeter } from '../usage/container-meter.ts';

/** How far ahead is looked at once. */
const HORIZON_MS = 6 * 3_600_000;

export class OomWatch {
  readonly #clock: Clock;
  readonly #onOom: () => void;
  #timer: Timer | undefined;

  constructor(clock: Clock, onOom: () => void) {
    this.#clock = clock;
    this.#onOom = onOom;
  }

  /** Looks for the next crossing from now on; a plan made before is dropped. */
  plan(meter: ContainerMeter): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (meter.limits.memoryBytes === undefined) return;
    const nowMs = this.#clock.now();
    const oomMs = meter.nextOomMs(nowMs, nowMs + HORIZON_MS);
    this.#timer =
      oomMs === undefined
        ? this.#clock.after(HORIZON_MS, () => { this.plan(meter); }) // prettier-ignore
        : this.#clock.after(oomMs - nowMs, this.#onOom);
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
