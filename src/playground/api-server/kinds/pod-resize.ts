/** `pods/resize`: the one way to change what the containers of a pod that exists may use. */
import { ANY_ITEM, only } from '../apply/field-filter.ts';
import { deepEqual } from '../json/equality.ts';
import { type JsonObject, asObject, asObjects, isList, objectAt, without } from '../json/json.ts';
import { type UpdateRules, isNewSpec, withField } from '../resources/kind-rules.ts';
import { type ApiObject, withMeta } from '../storage/api-object.ts';
import { type FieldError, type FieldErrors, invalid, prohibited } from '../validation/field-error.ts';
import { podSpecErrors } from '../validation/pod-spec.ts';
import { qosClassOf } from './qos-class.ts';

const LISTS = ['containers', 'initContainers'] as const;
const PARTS = ['resources', 'resizePolicy'] as const;
const MIRROR = 'kubernetes.io/config.mirror';

function containersOf(pod: ApiObject, list: string): readonly JsonObject[] {
  return asObjects(objectAt(pod, 'spec')[list]);
}

function haveSameOrder(a: readonly JsonObject[], b: readonly JsonObject[]): boolean {
  return a.length === b.length && a.every((container, index) => container['name'] === b[index]?.['name']);
}

/** The stored pod with nothing but resources and resize policies taken from the new one. */
function prepare(pod: ApiObject, previous: ApiObject): ApiObject {
  const isSameSize = LISTS.every(
    (list) => containersOf(pod, list).length === containersOf(previous, list).length,
  );
  // Added or removed containers are left for the validation to refuse.
  const spec = isSameSize ? resizedSpec(pod, previous) : asObject(pod['spec']);
  const next: ApiObject = {
    ...previous,
    metadata: { ...previous.metadata, managedFields: pod.metadata.managedFields ?? [] },
  };
  const resized = withField(next, 'spec', deepEqual(spec, previous['spec']) ? previous['spec'] : spec);
  if (!isNewSpec(resized, previous)) return resized;
  return withMeta(resized, { generation: (previous.metadata.generation ?? 0) + 1 });
}

function resizedSpec(pod: ApiObject, previous: ApiObject): JsonObject {
  const spec: Record<string, unknown> = { ...asObject(previous['spec']) };
  const own = objectAt(pod, 'spec')['resources'];
  if (own !== undefined) spec['resources'] = own;
  for (const list of LISTS) if (isList(spec[list])) spec[list] = resizedContainers(pod, previous, list);
  return spec;
}

function resizedContainers(pod: ApiObject, previous: ApiObject, list: string): readonly JsonObject[] {
  const wanted = containersOf(pod, list);
  const present = containersOf(previous, list);
  if (!haveSameOrder(wanted, present)) return wanted;
  return present.map((container, index) => {
    const { resources, resizePolicy } = wanted[index] ?? {};
    const bare = without(container, 'resizePolicy');
    return { ...bare, resources, ...(resizePolicy === undefined ? {} : { resizePolicy }) };
  });
}

/** Only a kubelet that reports the resources of running containers can change them. */
function isSupported(pod: ApiObject): boolean {
  const first = asObjects(objectAt(pod, 'status')['containerStatuses']).find(
    (status) => objectAt(status, 'state')['running'] !== undefined,
  );
  return first === undefined || first['resources'] !== undefined;
}

function orderErrors(pod: ApiObject, previous: ApiObject): FieldErrors {
  return LISTS.flatMap((list) => {
    const wanted = containersOf(pod, list);
    const present = containersOf(previous, list);
    if (wanted.length !== present.length) {
      return [prohibited(`spec.${list}`, `${list} may not be added or removed on resize`)];
    }
    return present
      .map((container, index) => ({ index, isSame: container['name'] === wanted[index]?.['name'] }))
      .filter(({ isSame }) => !isSame)
      .map(({ index }) =>
        prohibited(`spec.${list}[${index}].name`, `${list} may not be renamed or reordered on resize`),
      );
  });
}

function isRemoved(wanted: JsonObject, present: JsonObject): boolean {
  return Object.keys(present).some((name) => wanted[name] === undefined);
}

function containerErrors(wanted: JsonObject, present: JsonObject, field: string): FieldErrors {
  const errors: FieldError[] = [];
  for (const part of ['requests', 'limits'] as const) {
    const isGone = isRemoved(objectAt(wanted, 'resources', part), objectAt(present, 'resources', part));
    if (isGone) errors.push(prohibited(`${field}.resources.${part}`, `resource ${part} cannot be removed`));
  }
  if (!deepEqual(fixedPart(wanted), fixedPart(present))) {
    errors.push(prohibited('spec', 'only cpu and memory resources are mutable'));
  }
  return errors;
}

/** What of a container's resources a resize may not touch. */
function fixedPart(container: JsonObject): JsonObject {
  const fixed = (part: string): JsonObject =>
    without(objectAt(container, 'resources', part), 'cpu', 'memory');
  return { requests: fixed('requests'), limits: fixed('limits') };
}

function validate(pod: ApiObject, previous: ApiObject): FieldErrors {
  if (previous.metadata.annotations?.[MIRROR] !== undefined) {
    return [prohibited('', 'static pods cannot be resized')];
  }
  const errors: FieldError[] = [...podSpecErrors(asObject(pod['spec']), 'spec')];
  if (objectAt(previous, 'status')['qosClass'] !== qosClassOf(pod)) {
    const qosClass = objectAt(pod, 'status')['qosClass'];
    errors.push(invalid('spec', qosClass, 'Pod QOS Class may not change as a result of resizing'));
  }
  if (!isSupported(previous))
    errors.push(prohibited('spec', 'Pod running on node without support for resize'));
  const order = orderErrors(pod, previous);
  if (order.length > 0) return [...errors, ...order];
  for (const list of LISTS) {
    const present = containersOf(previous, list);
    for (const [index, container] of containersOf(pod, list).entries()) {
      errors.push(...containerErrors(container, present[index] ?? {}, `spec.${list}[${index}]`));
    }
  }
  return errors;
}

/** `pods/ephemeralcontainers`: containers for looking into a pod that runs. */
export const EPHEMERAL_RULES: UpdateRules = {
  prepare: (pod, previous) => {
    const ephemeralContainers = objectAt(pod, 'spec')['ephemeralContainers'];
    const spec = {
      ...asObject(previous['spec']),
      ...(ephemeralContainers === undefined ? {} : { ephemeralContainers }),
    };
    return withField({ ...previous, metadata: pod.metadata }, 'spec', spec);
  },
  validate: (pod) => podSpecErrors(asObject(pod['spec']), 'spec'),
  ownable: only(['spec', 'ephemeralContainers']),
};

export const RESIZE_RULES: UpdateRules = {
  prepare,
  validate,
  ownable: only(...LISTS.flatMap((list) => PARTS.map((part) => ['spec', list, ANY_ITEM, part]))),
};
