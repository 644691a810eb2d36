/** What the cluster would hold had KCloud never been there: every edit of others, none of ours. */
import type { Container, HorizontalPodAutoscaler, Pod } from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { formatQuantity, parseQuantity } from '#apis/kubernetes/quantity.ts';
import { podIndexValue } from '#controllers/cost-optimization/target-index.ts';
import { canonicalJson } from '#domain/change/canonical-json.ts';
import { readDesiredPodFields } from '#domain/change/pod-objects.ts';
import { readPodSpecFields } from '#domain/change/workload-objects.ts';
import { workloadKey, type WorkloadRef } from '#domain/workload/workload-ref.ts';
import { CONFIG_MAPS, HORIZONTAL_POD_AUTOSCALERS, PODS } from '#kube/client/builtin-types.ts';
import { WORKLOAD_TYPES } from '../invariants/invariant.ts';
import type { Stage } from '../stage/stage.ts';
import type { Edit, WorkloadSpec } from './edits.ts';

export interface EditableWorkload extends KubeObject {
  readonly spec: WorkloadSpec;
}

export class Shadow {
  readonly #stage: Stage;
  readonly #ref: WorkloadRef;
  #spec: WorkloadSpec | undefined;
  #autoscaler: HorizontalPodAutoscaler['spec'];

  constructor(stage: Stage, ref: WorkloadRef) {
    this.#stage = stage;
    this.#ref = ref;
    this.remember();
    this.#autoscaler = this.autoscaler()?.spec;
  }

  /** The workload as it is; undefined while it does not exist. */
  workload(): EditableWorkload | undefined {
    const type = WORKLOAD_TYPES[this.#ref.kind];
    return this.#stage.cluster.world.server.access.get(type, this.#ref) as EditableWorkload | undefined;
  }

  autoscaler(): HorizontalPodAutoscaler | undefined {
    const key = { namespace: this.#ref.namespace, name: `${this.#ref.name}-hpa` };
    return this.#stage.cluster.world.server.access.get<HorizontalPodAutoscaler>(
      HORIZONTAL_POD_AUTOSCALERS,
      key,
    );
  }

  /** Takes the workload as it is for what people want: after it was created, or a change was accepted. */
  remember(): void {
    this.#spec = this.workload()?.spec;
  }

  edit(edit: Edit): void {
    if (this.#spec !== undefined) this.#spec = asStored(edit.change(this.#spec));
  }

  editAutoscaler(spec: HorizontalPodAutoscaler['spec']): void {
    this.#autoscaler = spec;
  }

  autoscalerSpec(): HorizontalPodAutoscaler['spec'] {
    return this.#autoscaler;
  }

  /** Every difference between the cluster and this shadow, once KCloud has let go. */
  differences(): readonly string[] {
    const found = this.workload();
    if (found === undefined) return this.#spec === undefined ? [] : ['the workload is gone'];
    const scaled = this.#autoscaler !== undefined;
    return [
      ...unequal('spec', this.#comparable(found.spec, scaled), this.#comparable(this.#spec, scaled)),
      ...unequal('autoscaler', this.autoscaler()?.spec, this.#autoscaler),
      ...leftMarks(found),
      ...this.#oddPods(found),
      ...this.#leftRecords(),
    ];
  }

  /** Where an autoscaler sets the replicas, they are nobody's to restore. */
  #comparable(spec: WorkloadSpec | undefined, scaled: boolean): unknown {
    return scaled && spec !== undefined ? { ...spec, replicas: 'as the autoscaler wants' } : spec;
  }

  #oddPods(workload: EditableWorkload): readonly string[] {
    const wanted = readPodSpecFields(workload.spec.template.spec);
    const pods = this.#stage.cluster.stored<Pod>(PODS, this.#ref.namespace);
    return pods
      .filter(
        (pod) =>
          podIndexValue(pod) === workloadKey(this.#ref) && pod.metadata?.deletionTimestamp === undefined,
      )
      .flatMap((pod) => unequal(`pod ${pod.metadata?.name ?? ''}`, readDesiredPodFields(pod), wanted));
  }

  #leftRecords(): readonly string[] {
    return this.#stage.cluster
      .stored(CONFIG_MAPS, this.#ref.namespace)
      .filter(({ metadata }) => metadata?.name?.includes('rollback-state') === true)
      .map(({ metadata }) => `ConfigMap ${metadata?.name ?? ''} is left`);
  }
}

/** The spec as an API server stores it: amounts in their canonical form. */
function asStored(spec: WorkloadSpec): WorkloadSpec {
  const { template } = spec;
  if (template.spec === undefined) return spec;
  const containers = template.spec.containers.map((container) => ({
    ...container,
    ...canonicalSizes(container),
  }));
  return { ...spec, template: { ...template, spec: { ...template.spec, containers } } };
}

function canonicalSizes({ resources }: Container): Pick<Container, 'resources'> {
  if (resources === undefined) return {};
  const lists = Object.entries(resources as Readonly<Record<string, Readonly<Record<string, string>>>>);
  const canonical = (amounts: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(amounts).map(([name, value]) => [name, formatQuantity(parseQuantity(value))]),
    );
  return { resources: Object.fromEntries(lists.map(([list, amounts]) => [list, canonical(amounts)])) };
}

function leftMarks({ metadata }: KubeObject): readonly string[] {
  const names = Object.keys(metadata?.annotations ?? {}).filter((name) =>
    name.includes('optimization.k8s.io'),
  );
  return names.map((name) => `annotation ${name} is left`);
}

function unequal(what: string, found: unknown, wanted: unknown): readonly string[] {
  const left = canonicalJson(found ?? null);
  const right = canonicalJson(wanted ?? null);
  return left === right ? [] : [`${what} is ${difference(found, wanted)}`];
}

/** The first place where two values differ. */
function difference(found: unknown, wanted: unknown, path = ''): string {
  if (!isTree(found) || !isTree(wanted))
    return `${path}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`;
  const keys = [...new Set([...Object.keys(found), ...Object.keys(wanted)])];
  const differing = keys.find(
    (key) => canonicalJson(found[key] ?? null) !== canonicalJson(wanted[key] ?? null),
  );
  return differing === undefined
    ? 'different'
    : difference(found[differing], wanted[differing], `${path}/${differing}`);
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
