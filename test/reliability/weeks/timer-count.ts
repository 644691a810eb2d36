/** Counts the timers of a process that are waiting: what a process forgets to cancel is found here. */
import type { LifeSupport } from '#commands/simulation/simulated-operator.ts';
import type { Timer } from '#platform/clock.ts';

export class TimerCount {
  readonly #waiting = new Set<object>();

  get waiting(): number {
    return this.#waiting.size;
  }

  around({ clock, transport, crash }: LifeSupport): LifeSupport {
    const counted = {
      now: () => clock.now(),
      after: (ms: number, callback: () => void): Timer => {
        const mark = {};
        const timer = clock.after(ms, () => {
          this.#waiting.delete(mark);
          callback();
        });
        this.#waiting.add(mark);
        return {
          cancel: () => {
            this.#waiting.delete(mark);
            timer.cancel();
          },
        };
      },
    };
    return { clock: counted, transport, crash };
  }
}
