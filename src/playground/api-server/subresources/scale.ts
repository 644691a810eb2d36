/** The scale of a workload: its replicas, without knowing its kind. */
import { type JsonObject, asNumber, asObject, isObject, textAt, valueAt, withValueAt } from '../json/json.ts';
import { fieldScopeOf } from '../resources/resource.ts';
import type { ScalePaths } from '../resources/resource.ts';
import { selectorText } from '../selectors/label-selector.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { invalid, invalidObject } from '../validation/field-error.ts';
import type { Call } from '../wire/call.ts';
import { type StatusError, badRequest } from '../wire/status-error.ts';
import { updateThrough } from '../writes/update.ts';
import type { ServerParts } from '../writes/write-parts.ts';

/** The Scale of an object. */
export function scaleOf(object: ApiObject, paths: ScalePaths): ApiObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = asNumber(valueAt(object, ...paths.specReplicas)) ?? 0;
  const selector = selectorOf(object, paths);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: present({ name, namespace, uid, resourceVersion, creationTimestamp }),
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: asNumber(valueAt(object, ...paths.statusReplicas)) ?? 0,
      ...(selector === '' ? {} : { selector }),
    },
  };
}

function present<T extends object>(object: T): { readonly [K in keyof T]: NonNullable<T[K]> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { readonly [K in keyof T]: NonNullable<T[K]> };
}

/** As text: structured in built-in kinds, already a text in custom ones. */
function selectorOf(object: ApiObject, { selector }: ScalePaths): string {
  if (selector === undefined) return '';
  const value = valueAt(object, ...selector);
  return isObject(value) ? selectorText(value) : textAt(object, ...selector);
}

/** Sets the replicas that `change` puts into the Scale of the object; resolves with the new Scale. */
export async function updateScale(
  parts: ServerParts,
  call: Call,
  { paths, change }: { readonly paths: ScalePaths; readonly change: (scale: ApiObject) => JsonObject },
): Promise<ApiObject> {
  const scope = { ...fieldScopeOf(call.resource, ''), subresource: call.subresource };
  const asMain: Call = { ...call, subresource: '' };
  const scaled = (live: ApiObject): ApiObject => {
    const scale = change(scaleOf(live, paths));
    checkName(call, scale);
    const replicas = replicasOf(call, scale);
    const resourceVersion = textAt(scale, 'metadata', 'resourceVersion');
    const next = withValueAt(live, paths.specReplicas, replicas) as ApiObject;
    const based =
      resourceVersion === '' ? next : { ...next, metadata: { ...next.metadata, resourceVersion } };
    return parts.fields.update(scope, { live, object: based, name: call.fieldManager });
  };
  const view = {
    call,
    show: (object: ApiObject): ApiObject => scaleOf(object, paths),
    read: (object: ApiObject, shown: ApiObject): ApiObject =>
      withValueAt(object, paths.specReplicas, replicasOf(call, shown)) as ApiObject,
  };
  const object = await updateThrough(parts, { call: asMain, change: scaled, view });
  return scaleOf(object, paths);
}

function checkName({ name }: Call, scale: JsonObject): void {
  const given = textAt(scale, 'metadata', 'name');
  if (given === name) return;
  throw badRequest(
    given === ''
      ? 'name must be provided'
      : `the name of the object (${given}) does not match the name on the URL (${name})`,
  );
}

function replicasOf(call: Call, scale: JsonObject): number {
  const { kind = 'Scale' } = scale;
  if (kind !== 'Scale') {
    const problem = `converting (v1.${String(kind)}) to (autoscaling.Scale): unknown conversion`;
    throw badRequest(`${String(kind)} in version "v1" cannot be handled as a Scale: ${problem}`);
  }
  const replicas = asObject(scale['spec'])['replicas'] ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas)) throw unreadable(scale, replicas);
  if (replicas >= 0) return replicas;
  const error = invalid('spec.replicas', replicas, 'must be greater than or equal to 0');
  throw invalidObject({ group: 'autoscaling', kind: 'Scale' }, call.name, [error]);
}

function unreadable(scale: JsonObject, replicas: unknown): StatusError {
  const problem = `json: cannot unmarshal ${typeof replicas} into Go struct field ScaleSpec.spec.replicas of type int32`;
  return invalidObject({ group: '', kind: '' }, '', [invalid('patch', JSON.stringify(scale), problem)]);
}
