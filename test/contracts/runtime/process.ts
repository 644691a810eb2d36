/** A whole process around the example controller, on the machine's own time. */
import type { Transport } from '#kube/transport/transport.ts';
import { SystemClock } from '#platform/clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { systemRandom } from '#platform/random.ts';
import { greetingController } from '#runtime/example/greeting-controller.ts';
import { Manager } from '#runtime/manager/manager.ts';

export const clock = new SystemClock();

export interface GreeterProcess {
  readonly manager: Manager;
  stop(): Promise<void>;
}

/** Short times, so that a lost leader is replaced within seconds. */
const LEADER = { name: 'greeter', leaseDurationMs: 3000, renewDeadlineMs: 2000, retryPeriodMs: 300 };

/** A process that would stand for election in `namespace` and watch it alone; it does not run yet. */
export function greeter(transport: Transport, namespace: string, identity: string): Manager {
  const manager = new Manager({
    transport,
    clock,
    random: systemRandom,
    logger: silentLogger,
    component: 'greeter',
    watchNamespace: namespace,
    leaderElection: { ...LEADER, namespace, identity },
  });
  manager.addController(greetingController(manager, clock));
  return manager;
}

export function startGreeter(transport: Transport, namespace: string, identity: string): GreeterProcess {
  const manager = greeter(transport, namespace, identity);
  const end = new AbortController();
  const run = manager.run(end.signal);
  return {
    manager,
    stop: async () => {
      end.abort();
      await run;
    },
  };
}
