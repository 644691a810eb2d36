/** Keeps a process alive as a ReplicaSet would: it is started anew some time after each crash. */
import type { Clock } from '#platform/clock.ts';
import type { CrashPoint, SimulatedProcess } from './simulated-process.ts';

export interface SupervisorOptions {
  readonly clock: Clock;
  /** Makes the process of a life; `life` counts from 0. */
  readonly spawn: (life: number, onCrash: () => void) => SimulatedProcess;
  /** What runs in it, from the beginning of each life. */
  readonly main: (process: SimulatedProcess) => void;
  /** Default 5,000. */
  readonly restartAfterMs?: number;
}

const DEFAULT_RESTART_MS = 5000;

export class Supervisor {
  readonly #options: SupervisorOptions;
  #process: SimulatedProcess;
  #lives = 1;
  #stopped = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#process = this.#start();
  }

  /** The process of the present life; dead between a crash and the restart. */
  get process(): SimulatedProcess {
    return this.#process;
  }

  get lives(): number {
    return this.#lives;
  }

  /** Kills the process for good. */
  stop(): void {
    this.#stopped = true;
    this.#process.crash('stopped');
  }

  #start(): SimulatedProcess {
    const process = this.#options.spawn(this.#lives - 1, () => { this.#planRestart(); }); // prettier-ignore
    this.#options.main(process);
    return process;
  }

  #planRestart(): void {
    if (this.#stopped) return;
    this.#options.clock.after(this.#options.restartAfterMs ?? DEFAULT_RESTART_MS, () => {
      if (this.#stopped) return;
      this.#lives += 1;
      this.#process = this.#start();
    });
  }
}

/** Every place at which a process that makes so many writes can die. */
export function crashPoints(writes: number): readonly CrashPoint[] {
  return Array.from({ length: writes }, (_, index) => index + 1).flatMap((write) => [
    { write, when: 'before' as const },
    { write, when: 'after' as const },
  ]);
}
