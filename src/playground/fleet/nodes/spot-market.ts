/**
 * Takes spot nodes back, as clouds do: a notice, a taint and a drain, and soon after the machine is gone. When that
 * happens follows from the seed and the node's name, whatever else goes on in the world.
 */
import { DAY_MS } from '#domain/units/duration.ts';
import { NODES } from '#kube/client/builtin-types.ts';
import { rfc3339 } from '#platform/clock.ts';
import { SeededRandom } from '#platform/random.ts';
import { TimerGroup } from '../../simulation/timer-group.ts';
import { type Component, type FleetContext, noteFailure } from '../fleet-context.ts';
import { drainNode } from './node-drain.ts';
import type { Provider } from './instance-types.ts';
import type { NodeShape } from './node-shape.ts';

export interface SpotOptions {
  /** How often each spot node is taken back, on average; the times are those of a Poisson process. */
  readonly interruptionsPerDay: number;
  /** How long after it another machine joins in its place; 90,000 by default, undefined for never. */
  readonly replaceAfterMs?: number | undefined;
}

export interface SpotMarketOptions {
  readonly context: FleetContext;
  readonly seed: number | string;
  readonly settings: SpotOptions | undefined;
  /** The machine is gone, and its Node object with it. */
  readonly remove: (nodeName: string) => Promise<void>;
  readonly join: (shape: NodeShape) => Promise<void>;
}

const REPLACE_AFTER_MS = 90_000;

interface Notice {
  /** From the notice to the end of the machine: two minutes at AWS, thirty seconds at Google and Microsoft. */
  readonly noticeMs: number;
  /** Undefined: the node is cordoned. */
  readonly taint?: string;
  readonly asksBudgets: boolean;
}

/** Karpenter on EKS, the graceful shutdown of GKE's kubelets, and AKS's automatic drain. */
const NOTICES: Readonly<Record<Provider, Notice>> = {
  eks: { noticeMs: 120_000, taint: 'karpenter.sh/disrupted', asksBudgets: true },
  gke: { noticeMs: 30_000, taint: 'cloud.google.com/impending-node-termination', asksBudgets: false },
  aks: { noticeMs: 30_000, asksBudgets: true },
  'on-premises': { noticeMs: 120_000, asksBudgets: true },
};

export class SpotMarket implements Component {
  readonly #options: SpotMarketOptions;
  readonly #nodes = new Map<string, TimerGroup>();
  /** Those that are coming. */
  readonly #arrivals: TimerGroup;

  constructor(options: SpotMarketOptions) {
    this.#options = options;
    this.#arrivals = new TimerGroup(options.context.clock);
  }

  /** A node has joined: if it is spot, its time is limited. */
  joined(shape: NodeShape): void {
    const { settings, seed } = this.#options;
    if (shape.capacityType !== 'spot' || settings === undefined || settings.interruptionsPerDay <= 0) return;
    const random = new SeededRandom(`${seed}/spot/${shape.name}`);
    const lifeMs = (-Math.log(1 - random.next()) / settings.interruptionsPerDay) * DAY_MS;
    this.#timersOf(shape.name).after(lifeMs, () => { this.interrupt(shape); }); // prettier-ignore
  }

  /** A node is gone by itself. */
  left(nodeName: string): void {
    this.#nodes.get(nodeName)?.cancelAll();
    this.#nodes.delete(nodeName);
  }

  /** Gives notice now. */
  interrupt(shape: NodeShape): void {
    const notice = NOTICES[shape.provider ?? 'on-premises'];
    const timers = this.#timersOf(shape.name);
    timers.cancelAll();
    const { context } = this.#options;
    this.#announce(shape.name);
    this.#attempt(`keeping pods off node ${shape.name}`, this.#close(shape.name, notice));
    drainNode({ context, timers, nodeName: shape.name, asksBudgets: notice.asksBudgets });
    timers.after(notice.noticeMs, () => { this.#attempt(`ending node ${shape.name}`, this.#end(shape)); }); // prettier-ignore
  }

  stop(): void {
    for (const timers of this.#nodes.values()) timers.cancelAll();
    this.#nodes.clear();
    this.#arrivals.cancelAll();
  }

  #timersOf(nodeName: string): TimerGroup {
    let timers = this.#nodes.get(nodeName);
    if (timers === undefined) {
      timers = new TimerGroup(this.#options.context.clock);
      this.#nodes.set(nodeName, timers);
    }
    return timers;
  }

  #attempt(what: string, work: Promise<void>): void {
    work.catch((error: unknown) => { noteFailure(this.#options.context, what, error); }); // prettier-ignore
  }

  /** In Karpenter's words, on the node and on everything that runs there. */
  #announce(nodeName: string): void {
    const { access, events, indexes } = this.#options.context;
    const node = access.get(NODES, { name: nodeName });
    const about = { type: 'Warning', component: 'karpenter' } as const;
    const message = 'Spot interruption warning was triggered';
    for (const object of [...(node === undefined ? [] : [node]), ...indexes.podsByNode.get(nodeName)]) {
      events.emit(object, { ...about, reason: 'SpotInterrupted', message });
    }
    if (node === undefined) return;
    const ending = 'Interruption triggered termination for the Node';
    events.emit(node, { ...about, reason: 'TerminatingOnInterruption', message: ending });
  }

  async #close(nodeName: string, { taint }: Notice): Promise<void> {
    const { access, clock } = this.#options.context;
    const key = { name: nodeName };
    const node = access.get(NODES, key);
    if (node === undefined) return;
    const closing = { key: taint, effect: 'NoSchedule', timeAdded: rfc3339(clock.now()) };
    const spec =
      taint === undefined ? { unschedulable: true } : { taints: [...(node.spec?.taints ?? []), closing] };
    await access.mergePatch(NODES, key, { body: { spec } });
  }

  async #end(shape: NodeShape): Promise<void> {
    const { settings, remove, join } = this.#options;
    const { replaceAfterMs } = { replaceAfterMs: REPLACE_AFTER_MS, ...settings };
    this.left(shape.name);
    if (replaceAfterMs !== undefined) {
      const successor = { ...shape, name: successorName(shape.name) };
      this.#arrivals.after(replaceAfterMs, () => {
        this.#attempt(`joining node ${successor.name}`, join(successor));
      });
    }
    await remove(shape.name);
  }
}

/** `m6i-large-spot-2` is followed by `m6i-large-spot-2-r1`, and that by `m6i-large-spot-2-r2`. */
function successorName(name: string): string {
  const [, base = name, generation = '0'] = /^(.*)-r(\d+)$/.exec(name) ?? [];
  return `${base}-r${Number(generation) + 1}`;
}
