/** What holds for pods, and what of a pod may change. */
import { deepEqual } from '../json/equality.ts';
import {
  type JsonObject,
  asList,
  asObject,
  asObjects,
  asText,
  isObject,
  isPresent,
  objectAt,
  without,
} from '../json/json.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { type FieldErrors, NO_ERRORS, invalid, prohibited, required } from './field-error.ts';
import { IMMUTABLE } from './object-meta.ts';
import { podSpecErrors } from './pod-spec.ts';

const LISTS = ['containers', 'initContainers'] as const;

export function podErrors(pod: ApiObject): FieldErrors {
  return podSpecErrors(asObject(pod['spec']), 'spec');
}

/** Errors that only a new pod can have. */
export function newPodErrors(pod: ApiObject): FieldErrors {
  const spec = asObject(pod['spec']);
  const isGated = asList(spec['schedulingGates']).length > 0;
  return [
    ...podErrors(pod),
    ...(isPresent(spec['ephemeralContainers'])
      ? [prohibited('spec.ephemeralContainers', 'cannot be set on create')]
      : []),
    ...(isGated && asText(spec['nodeName']) !== ''
      ? [prohibited('spec.nodeName', 'cannot be set until all schedulingGates have been cleared')]
      : []),
  ];
}

function imageErrors(spec: JsonObject, list: string): FieldErrors {
  return asObjects(spec[list]).flatMap((container, index) => {
    const image = asText(container['image']);
    const field = `spec.${list}[${index}].image`;
    if (image === '') return [required(field)];
    return image.trim() === image
      ? []
      : [invalid(field, image, 'must not have leading or trailing whitespace')];
  });
}

function deadlineErrors(spec: JsonObject, previous: JsonObject): FieldErrors {
  const field = 'spec.activeDeadlineSeconds';
  const now = spec['activeDeadlineSeconds'];
  const before = previous['activeDeadlineSeconds'];
  if (typeof before !== 'number') return NO_ERRORS;
  if (typeof now !== 'number')
    return [invalid(field, null, 'must not update from a positive integer to nil value')];
  return now <= before ? NO_ERRORS : [invalid(field, now, 'must be less than or equal to previous value')];
}

function tolerationErrors(spec: JsonObject, previous: JsonObject): FieldErrors {
  const bare = (list: unknown): readonly JsonObject[] =>
    asObjects(list).map((item) => without(item, 'tolerationSeconds'));
  const now = bare(spec['tolerations']);
  const isKept = bare(previous['tolerations']).every((old) => now.some((item) => deepEqual(item, old)));
  if (isKept) return NO_ERRORS;
  return [
    prohibited('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'),
  ];
}

function gateErrors(spec: JsonObject, previous: JsonObject): FieldErrors {
  const before = asObjects(previous['schedulingGates']).map(({ name }) => name);
  const added = asObjects(spec['schedulingGates']).filter(({ name }) => !before.includes(name));
  return added.length === 0
    ? NO_ERRORS
    : [
        prohibited(
          'spec.schedulingGates',
          `only deletion is allowed, but found new scheduling gate '${asText(added[0]?.['name'])}'`,
        ),
      ];
}

const UPDATABLE =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** The spec with everything that may change taken from the previous one. */
function fixedPart(spec: JsonObject, previous: JsonObject): JsonObject {
  const fixed: Record<string, unknown> = {
    ...without(spec, 'activeDeadlineSeconds', 'schedulingGates', 'tolerations'),
  };
  for (const list of LISTS) {
    if (!Array.isArray(fixed[list])) continue;
    const before = asObjects(previous[list]);
    fixed[list] = asObjects(fixed[list]).map((container, index) => ({
      ...container,
      image: before[index]?.['image'],
    }));
  }
  const gated = asList(previous['schedulingGates']).length > 0;
  // A pod that waits at a gate may still be told where to go.
  return gated ? without(fixed, 'nodeSelector', 'affinity') : fixed;
}

/** Errors of a change of a pod. */
export function podChangeErrors(pod: ApiObject, previous: ApiObject): FieldErrors {
  const spec = asObject(pod['spec']);
  const before = asObject(previous['spec']);
  if (spec === before) return NO_ERRORS;
  const resized = LISTS.filter((list) => asList(spec[list]).length !== asList(before[list]).length);
  if (resized.length > 0) {
    return resized
      .slice(0, 1)
      .map((list) => prohibited(`spec.${list}`, 'pod updates may not add or remove containers'));
  }
  const isFixedSame = deepEqual(fixedPart(spec, before), fixedPart(before, before));
  return [
    ...LISTS.flatMap((list) => imageErrors(spec, list)),
    ...deadlineErrors(spec, before),
    ...tolerationErrors(spec, before),
    ...gateErrors(spec, before),
    ...(isFixedSame
      ? []
      : [prohibited('spec', `pod updates may not change fields other than ${UPDATABLE}\n`)]),
  ];
}

/** Errors of a change of a pod's status. */
export function podStatusErrors(pod: ApiObject, previous: ApiObject): FieldErrors {
  const status = objectAt(pod, 'status');
  const before = objectAt(previous, 'status');
  const restart = asText(objectAt(previous, 'spec')['restartPolicy']);
  const isQosSame = status['qosClass'] === before['qosClass'];
  return [
    ...(isQosSame ? [] : [invalid('status.qosClass', status['qosClass'], IMMUTABLE)]),
    ...(restart === 'Always' ? [] : transitionErrors(status, before, restart)),
  ];
}

/** A container that has ended for good does not come back. */
function transitionErrors(status: JsonObject, before: JsonObject, restart: string): FieldErrors {
  return asObjects(before['containerStatuses']).flatMap((old, index) => {
    const ended = objectAt(old, 'state')['terminated'];
    const isFinal = isObject(ended) && !(restart === 'OnFailure' && ended['exitCode'] !== 0);
    const now = asObjects(status['containerStatuses']).find(({ name }) => name === old['name']);
    if (!isFinal || now === undefined || isObject(objectAt(now, 'state')['terminated'])) return [];
    const field = `status.containerStatuses[${index}].state`;
    return [prohibited(field, 'may not be transitioned to non-terminated state')];
  });
}
