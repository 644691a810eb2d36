/** One loop from creation to deletion, and what it left at each stage. */
import type { Pod } from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { type CostOptimization, ROLL_BACK } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { readDesiredPodFields } from '#domain/change/pod-objects.ts';
import { HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { CONFIG_MAPS, EVENTS, HORIZONTAL_POD_AUTOSCALERS, PODS } from '#kube/client/builtin-types.ts';
import type { CrashPoint } from '#playground/simulation/simulated-process.ts';
import { WORKLOAD_TYPES } from '../invariants/invariant.ts';
import { Watchman } from '../invariants/watchman.ts';
import { type Cast, Stage } from '../stage/stage.ts';
import { optimizationOf, type Scenario, TARGET, targetOf, workloadOf } from './scenario.ts';

/** What people can see at a stage of the loop. */
export type Picture = Readonly<Record<string, unknown>>;

export interface LoopOutcome {
  readonly pictures: Readonly<Record<'applied' | 'rolledBack' | 'gone', Picture>>;
  readonly savedUsd: number;
  /** Between the lowest and the highest rate that was booked, in USD per hour. */
  readonly rateSpan: number;
  readonly events: Readonly<Record<string, number>>;
  readonly writes: number;
  readonly crashes: number;
  readonly checks: number;
  readonly problems: readonly string[];
  readonly virtualMs: number;
  readonly stage: Stage;
}

const STEPS = 2;

export async function playLoop(scenario: Scenario, crashAt?: CrashPoint): Promise<LoopOutcome> {
  const stage = await Stage.open({ seed: 'loop', objects: workloadOf(scenario), nodes: 3 });
  const watchman = new Watchman(stage);
  let crashes = 0;
  const cast = stage.enter({
    process: { ...(crashAt === undefined ? {} : { crashAt }), onCrash: () => { crashes += 1; } },
  }); // prettier-ignore
  const first = cast.supervisor.process;
  const story = new LoopStory({ stage, watchman, cast, scenario });
  const pictures = await story.tell();
  const { savedUsd, rateSpan } = story;
  const problems = [...watchman.problems, ...stage.close()];
  const { virtualMs } = stage;
  const events = story.events();
  return { pictures, savedUsd, rateSpan, events, writes: first.writes, crashes: Math.max(0, crashes - 1), checks: watchman.checks, problems, virtualMs, stage }; // prettier-ignore
}

interface StoryParts {
  readonly stage: Stage;
  readonly watchman: Watchman;
  readonly cast: Cast;
  readonly scenario: Scenario;
}

class LoopStory {
  savedUsd = 0;
  rateSpan = 0;
  readonly #parts: StoryParts;

  constructor(parts: StoryParts) {
    this.#parts = parts;
  }

  async tell(): Promise<LoopOutcome['pictures']> {
    const { cluster } = this.#parts.stage;
    await cluster.now(cluster.client.create(COST_OPTIMIZATIONS, optimizationOf(this.#parts.scenario)));
    await this.#expect(
      'two steps are applied and verified',
      () => this.#steps() >= STEPS && this.#verified(),
    );
    const applied = this.#picture();
    await this.#rollBack();
    const rolledBack = this.#picture();
    await cluster.now(cluster.client.delete(COST_OPTIMIZATIONS, TARGET));
    await this.#expect('a deletion ends', () => this.#optimization() === undefined);
    await cluster.world.clock.runFor(10 * MINUTE_MS);
    const rows = this.#bookings();
    this.savedUsd = rows.reduce((sum, row) => sum + row.savedUsd, 0);
    const rates = rows.map(({ savedUsd, hours }) => savedUsd / hours);
    this.rateSpan = Math.max(0, ...rates) - Math.min(0, ...rates);
    return { applied, rolledBack, gone: this.#picture() };
  }

  /** How often each event was seen. */
  events(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const event of this.#parts.stage.cluster.stored<CountedEvent>(EVENTS, TARGET.namespace)) {
      const reason = event.reason ?? '';
      counts[reason] = (counts[reason] ?? 0) + (event.series?.count ?? event.count ?? 1);
    }
    return counts;
  }

  async #rollBack(): Promise<void> {
    const { stage, scenario } = this.#parts;
    if (scenario.ending === 'by hand') {
      const body = { metadata: { annotations: { [ROLL_BACK]: 'now' } } };
      await stage.cluster.now(
        stage.cluster.client.patch(COST_OPTIMIZATIONS, TARGET, { patch: 'merge', body }),
      );
    }
    await this.#expect('it is rolled back', () => this.#optimization()?.status?.phase === 'RolledBack');
    await stage.cluster.world.clock.runFor(10 * MINUTE_MS);
  }

  #steps(): number {
    return this.#optimization()?.status?.appliedOptimizations ?? 0;
  }

  #verified(): boolean {
    return this.#optimization()?.status?.verification?.result === 'Passed';
  }

  #optimization(): CostOptimization | undefined {
    return this.#parts.stage.cluster.world.server.access.get<CostOptimization>(COST_OPTIMIZATIONS, TARGET);
  }

  /** Waits for it; a loop that does not get there is a problem. */
  async #expect(what: string, isSo: () => boolean): Promise<void> {
    const came = await this.#parts.stage.cluster.until(isSo, 6 * HOUR_MS, 5_000);
    const { phase, message } = this.#optimization()?.status ?? {};
    this.#parts.watchman.expect(
      came,
      () => `${what}: this did not come about (${phase ?? ''}: ${message ?? ''})`,
    );
  }

  #bookings(): { savedUsd: number; hours: number }[] {
    const { state } = this.#parts.cast.operator;
    const rows = state.prepare('SELECT saved_usd AS saved, to_ms - from_ms AS ms FROM ledger_row').all();
    return rows.map(({ saved, ms }) => ({ savedUsd: Number(saved), hours: Number(ms) / HOUR_MS }));
  }

  #picture(): Picture {
    const { cluster } = this.#parts.stage;
    const { access } = cluster.world.server;
    const workload = access.get(WORKLOAD_TYPES[this.#parts.scenario.kind], targetOf(this.#parts.scenario));
    const pods = cluster
      .stored<Pod>(PODS, TARGET.namespace)
      .filter((pod) => pod.metadata?.deletionTimestamp === undefined);
    const status = this.#optimization()?.status;
    return {
      phase: status?.phase,
      steps: status?.appliedOptimizations,
      regressions: status?.regressions?.map(({ reason }) => reason),
      spec: specOf(workload, this.#parts.scenario),
      marks: Object.keys(workload?.metadata?.annotations ?? {})
        .filter((name) => name.includes('k8s.io'))
        .sort(),
      sizes: [...new Set(pods.map((pod) => JSON.stringify(readDesiredPodFields(pod))))].sort(),
      autoscalers: cluster.stored(HORIZONTAL_POD_AUTOSCALERS, TARGET.namespace).map((hpa) => hpa.spec),
      records: cluster.stored(CONFIG_MAPS, TARGET.namespace).map(({ metadata }) => metadata?.name),
    };
  }
}

interface CountedEvent extends KubeObject {
  readonly reason?: string;
  readonly count?: number;
  readonly series?: { readonly count?: number };
}

/** Replicas under an autoscaler are its own. */
function specOf(workload: { readonly spec?: object } | undefined, { scaled }: Scenario): unknown {
  return scaled ? { ...workload?.spec, replicas: 'as the autoscaler wants' } : workload?.spec;
}
