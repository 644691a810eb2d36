/**
 * A machine that can be suspended, and whose wall clock can be set: while it is suspended nothing of the process runs,
 * and when it goes on everything that came due meanwhile happens at once.
 */
import type { Clock, Timer } from '#platform/clock.ts';
import type { Transport } from '#kube/transport/transport.ts';
import type { LifeSupport } from '#commands/simulation/simulated-operator.ts';

export class Suspension {
  #suspended = false;
  #skewMs = 0;
  #waiting: (() => void)[] = [];

  suspend(): void {
    this.#suspended = true;
  }

  resume(): void {
    this.#suspended = false;
    const due = this.#waiting;
    this.#waiting = [];
    for (const go of due) go();
  }

  /** The machine is switched off: what waited is lost with it. */
  switchOff(): void {
    this.#waiting = [];
    this.#suspended = false;
  }

  /** Sets the wall clock back by `ms`; timers count on as they did. */
  setClockBack(ms: number): void {
    this.#skewMs += ms;
  }

  /** Time and network of a process on this machine. */
  around({ clock, transport, crash }: LifeSupport): LifeSupport {
    return { clock: this.#clock(clock), transport: this.#transport(transport), crash };
  }

  #clock(clock: Clock): Clock {
    return {
      now: () => clock.now() - this.#skewMs,
      after: (ms, callback): Timer => {
        let cancelled = false;
        const timer = clock.after(ms, () => {
          this.#whenAwake(() => {
            if (!cancelled) callback();
          });
        });
        return {
          cancel: () => {
            cancelled = true;
            timer.cancel();
          },
        };
      },
    };
  }

  #transport(transport: Transport): Transport {
    return {
      send: async (request) => {
        const response = await transport.send(request).finally(() => this.#awake());
        const awake = (): Promise<void> => this.#awake();
        return {
          ...response,
          text: () => response.text(),
          chunks: async function* () {
            for await (const chunk of response.chunks()) {
              await awake();
              yield chunk;
            }
          },
        };
      },
    };
  }

  #awake(): Promise<void> {
    return this.#suspended ? new Promise((resolve) => { this.#waiting.push(resolve); }) : Promise.resolve(); // prettier-ignore
  }

  #whenAwake(callback: () => void): void {
    if (this.#suspended) this.#waiting.push(callback);
    else callback();
  }
}
