/** Everyone but the operator: they edit the workload as `kubectl edit` does, and ask things of the optimizations. */
import { type ACCEPT, APPROVE, ROLL_BACK } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { HorizontalPodAutoscaler, Pod } from '#apis/kubernetes/builtin.ts';
import { keyOf } from '#apis/kubernetes/object.ts';
import { podIndexValue } from '#controllers/cost-optimization/target-index.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { canonicalJson } from '#domain/change/canonical-json.ts';
import type { WorkloadObject } from '#domain/change/workload-objects.ts';
import { workloadKey } from '#domain/workload/workload-ref.ts';
import { isConflict, isNotFound } from '#kube/client/api-error.ts';
import { HORIZONTAL_POD_AUTOSCALERS, PODS } from '#kube/client/builtin-types.ts';
import { pick, type Random, randomInt } from '#platform/random.ts';
import { WORKLOAD_TYPES } from '../invariants/invariant.ts';
import type { Stage } from '../stage/stage.ts';
import { type Edit, randomEdit } from './edits.ts';
import { placedWorkload, type RandomWorkload } from './random-workload.ts';
import { Shadow } from './shadow.ts';

export interface PeopleParts {
  readonly stage: Stage;
  readonly workload: RandomWorkload;
  readonly random: Random;
  /** Does something to the operators and says what. */
  readonly trouble: () => string;
}

type Deed = (people: People) => Promise<string>;

/** Deeds and how often each is done, against the others. */
const DEEDS: readonly (readonly [share: number, deed: Deed])[] = [
  [8, (people) => people.edit()],
  [4, (people) => people.makeTrouble()],
  [2, (people) => people.editAutoscaler()],
  [2, (people) => people.ask(ROLL_BACK)],
  [2, (people) => people.ask(APPROVE)],
  [3, (people) => people.changeOptimization()],
  [2, (people) => people.deletePod()],
  [1, (people) => people.recreate()],
];

export class People {
  readonly shadow: Shadow;
  readonly #parts: PeopleParts;
  #deeds = 0;

  constructor(parts: PeopleParts) {
    this.#parts = parts;
    this.shadow = new Shadow(parts.stage, parts.workload.ref);
  }

  get deeds(): number {
    return this.#deeds;
  }

  async actAtRandom(): Promise<void> {
    const { random, stage } = this.#parts;
    const deck = DEEDS.flatMap(([share, deed]) => Array.from({ length: share }, () => deed));
    this.#deeds += 1;
    stage.note(await pick(random, deck)(this));
  }

  /** A change of the workload that others make, on the cluster and in the shadow. */
  async edit(edit: Edit = randomEdit(this.#parts.random)): Promise<string> {
    const { stage, workload } = this.#parts;
    const { client } = stage.cluster;
    const type = WORKLOAD_TYPES[workload.ref.kind];
    for (;;) {
      const found = this.shadow.workload();
      if (found === undefined) return 'nothing to edit';
      const changed = { ...found, spec: edit.change(found.spec) } as WorkloadObject;
      // Who sets what is there already has changed nothing, though it was ours: nobody can tell.
      if (canonicalJson(changed.spec) === canonicalJson(found.spec)) return `${edit.text}, as it is already`;
      try {
        await stage.cluster.now(client.update(type, changed));
        this.shadow.edit(edit);
        return edit.text;
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
  }

  async editAutoscaler(): Promise<string> {
    const { stage, random } = this.#parts;
    const found = this.shadow.autoscaler();
    const wanted = this.shadow.autoscalerSpec();
    if (found?.spec === undefined || wanted === undefined) return this.edit();
    const bounds = { minReplicas: 1 + randomInt(random, 3), maxReplicas: 5 + randomInt(random, 3) };
    const changed: HorizontalPodAutoscaler = { ...found, spec: { ...found.spec, ...bounds } };
    try {
      await stage.cluster.now(stage.cluster.client.update(HORIZONTAL_POD_AUTOSCALERS, changed));
    } catch (error) {
      if (isConflict(error)) return 'the autoscaler was busy';
      throw error;
    }
    this.shadow.editAutoscaler({ ...wanted, ...bounds });
    return `autoscaler bounds to ${JSON.stringify(bounds)}`;
  }

  makeTrouble(): Promise<string> {
    return Promise.resolve(this.#parts.trouble());
  }

  async ask(request: typeof ROLL_BACK | typeof APPROVE | typeof ACCEPT): Promise<string> {
    const chosen = this.#anyOptimization();
    if (chosen === undefined) return 'nobody to ask';
    const value = request === APPROVE ? 'true' : `at ${String(this.#deeds)}`;
    await this.#patch(chosen, { metadata: { annotations: { [request]: value } } });
    return `${request}=${value} on ${chosen.metadata.name ?? ''}`;
  }

  async changeOptimization(): Promise<string> {
    const { random } = this.#parts;
    const chosen = this.#anyOptimization();
    if (chosen === undefined) return 'no optimization to change';
    const spec = pick<object>(random, [
      { maxChangePercent: pick(random, [10, 30, 50, 80]) },
      { updateStrategy: pick(random, ['Auto', 'InPlace', 'Rollout']) },
      { suspend: random.next() < 0.4 },
      { rollbackOnFailure: random.next() < 0.7 },
      { containers: [{ name: '*', controlledValues: pick(random, ['RequestsAndLimits', 'RequestsOnly']) }] },
    ]);
    await this.#patch(chosen, { spec });
    return `${chosen.metadata.name ?? ''} gets ${JSON.stringify(spec)}`;
  }

  async deletePod(): Promise<string> {
    const { stage, random, workload } = this.#parts;
    const pods = stage.cluster
      .stored<Pod>(PODS, workload.ref.namespace)
      .filter((pod) => podIndexValue(pod) === workloadKey(workload.ref));
    if (pods.length === 0) return 'no pod to delete';
    const pod = pick(random, pods);
    await stage.cluster.now(stage.cluster.client.delete(PODS, keyOf(pod))).catch(ignoreMissing);
    return `pod ${pod.metadata?.name ?? ''} is deleted`;
  }

  /** Deletes the workload and, some time later, writes it anew. */
  async recreate(): Promise<string> {
    const { stage, random, workload } = this.#parts;
    const { cluster } = stage;
    const type = WORKLOAD_TYPES[workload.ref.kind];
    await cluster.now(cluster.client.delete(type, workload.ref)).catch(ignoreMissing);
    await cluster.until(() => this.shadow.workload() === undefined, 600_000, 100);
    await cluster.world.clock.runFor(pick(random, [50, 5_000, 120_000]));
    const { object } = placedWorkload(workload.ref, random, workload.autoscaler !== undefined);
    await cluster.now(cluster.client.create(type, object));
    this.shadow.remember();
    return 'the workload is deleted and written anew';
  }

  #anyOptimization(): CostOptimization | undefined {
    const { stage, random } = this.#parts;
    const found = stage.cluster.stored<CostOptimization>(COST_OPTIMIZATIONS);
    return found.length === 0 ? undefined : pick(random, found);
  }

  async #patch(object: CostOptimization, body: unknown): Promise<void> {
    const { cluster } = this.#parts.stage;
    const call = cluster.client.patch(COST_OPTIMIZATIONS, keyOf(object), { patch: 'merge', body });
    await cluster.now(call).catch(ignoreMissing);
  }
}

function ignoreMissing(error: unknown): void {
  if (!isNotFound(error)) throw error;
}
