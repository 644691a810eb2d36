/**
 * The fields that KCloud changes, as flat paths. Everything that proposes, caps, applies or restores a change
 * works on these; only `src/controllers` knows where they lie in Kubernetes objects.
 *
 *   replicas
 *   containers/<name>/requests/cpu      initContainers/<name>/limits/memory   (sidecars)
 *   hpa/<name>/minReplicas              hpa/<name>/target/cpu                 (average utilization, percent)
 *                                       hpa/<name>/target/cpu/<container>     (of one container)
 *   placement/preference/<label key>    placement/spread/<label key>          placement/toleration/<taint key>
 *                                       (of the pod template: one item of a list each, as canonical JSON)
 *   scalingPlan                         (an annotation of the workload: the windows of its scheduled scaling)
 */
import { tryParseQuantity, quantityToNumber, sameQuantity } from '#apis/kubernetes/quantity.ts';

export type FieldPath = string;

/** A quantity text, a count, or null where the field is absent. */
export type FieldValue = string | number | null;

/** A set of fields and what they hold. A path that is missing is one that nobody looked at. */
export type FieldMap = Readonly<Record<FieldPath, FieldValue>>;

export type ResourceName = 'cpu' | 'memory';
export type ResourceList = 'requests' | 'limits';
export type ContainerList = 'containers' | 'initContainers';

export interface ResourceField {
  readonly in: ContainerList;
  readonly container: string;
  readonly list: ResourceList;
  readonly resource: ResourceName;
}

/** A bound of an autoscaler, or the utilization it aims at (of one container where that is named). */
export type HpaField =
  | { readonly hpa: string; readonly field: 'minReplicas' }
  | {
      readonly hpa: string;
      readonly field: 'target';
      readonly resource: ResourceName;
      readonly container?: string | undefined;
    };

export const REPLICAS: FieldPath = 'replicas';

/** The windows by which a workload is scaled; see `src/domain/scheduled-scaling`. */
export const SCALING_PLAN: FieldPath = 'scalingPlan';

/** What a pod template says about the nodes that its pods may, should, or should evenly run on. */
export type PlacementPart = 'preference' | 'spread' | 'toleration';

/** One item of a placement list, found by the node label or taint that it speaks of. */
export interface PlacementField {
  readonly part: PlacementPart;
  readonly key: string;
}

export function resourcePath(field: ResourceField): FieldPath {
  return `${field.in}/${field.container}/${field.list}/${field.resource}`;
}

export function hpaPath(field: HpaField): FieldPath {
  if (field.field === 'minReplicas') return `hpa/${field.hpa}/minReplicas`;
  const container = field.container === undefined ? '' : `/${field.container}`;
  return `hpa/${field.hpa}/target/${field.resource}${container}`;
}

/** The parts of a container resource path, or undefined for any other path. */
export function parseResourcePath(path: FieldPath): ResourceField | undefined {
  const match = /^(containers|initContainers)\/([^/]+)\/(requests|limits)\/(cpu|memory)$/.exec(path);
  if (match === null) return undefined;
  const [, list, container = '', kind, resource] = match;
  return {
    in: list as ContainerList,
    container,
    list: kind as ResourceList,
    resource: resource as ResourceName,
  };
}

/** The parts of an HPA path, or undefined for any other path. */
export function parseHpaPath(path: FieldPath): HpaField | undefined {
  const match = /^hpa\/([^/]+)\/(?:minReplicas|target\/(cpu|memory)(?:\/([^/]+))?)$/.exec(path);
  if (match === null) return undefined;
  const [, hpa = '', resource, container] = match;
  if (resource === undefined) return { hpa, field: 'minReplicas' };
  return { hpa, field: 'target', resource: resource as ResourceName, container };
}

export function placementPath({ part, key }: PlacementField): FieldPath {
  return `placement/${part}/${key}`;
}

/** The parts of a placement path, or undefined for any other path. */
export function parsePlacementPath(path: FieldPath): PlacementField | undefined {
  const match = /^placement\/(preference|spread|toleration)\/(.+)$/.exec(path);
  if (match === null) return undefined;
  const [, part, key = ''] = match;
  return { part: part as PlacementPart, key };
}

/** True where some of the fields stand in the pod template and change where pods run. */
export function changesPlacement(fields: FieldMap): boolean {
  return Object.keys(fields).some((path) => parsePlacementPath(path) !== undefined);
}

/** True where both hold the same amount: `1000m` equals `1`, absent equals only absent. */
export function sameValue(a: FieldValue | undefined, b: FieldValue | undefined): boolean {
  const left = a ?? null;
  const right = b ?? null;
  if (left === null || right === null) return left === right;
  return left === right || sameQuantity(left, right);
}

/** The amount as a number (cores, bytes, count), or undefined where absent or not an amount. */
export function amountOf(value: FieldValue | undefined): number | undefined {
  if (value === null || value === undefined) return undefined;
  const quantity = tryParseQuantity(value);
  return quantity === undefined ? undefined : quantityToNumber(quantity);
}

/** The paths of `next` whose value differs from `current`, with their new values. */
export function changedFields(current: FieldMap, next: FieldMap): FieldMap {
  return Object.fromEntries(Object.entries(next).filter(([path, value]) => !sameValue(current[path], value)));
}
