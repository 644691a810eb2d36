/** What holds for Deployments, ReplicaSets, StatefulSets and DaemonSets. */
import { deepEqual } from '../json/equality.ts';
import {
  type JsonObject,
  asNumber,
  asObject,
  asText,
  isObject,
  isPresent,
  objectAt,
  without,
} from '../json/json.ts';
import { selectorTest } from '../selectors/label-selector.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { formattedIfFilled, nonNegative, nonNegativeFields } from './checks.ts';
import { type FieldErrors, NO_ERRORS, invalid, notSupported, prohibited, required } from './field-error.ts';
import { atMostAllErrors, intOrPercentErrors, isZero } from './int-or-percent.ts';
import { isEmptySelector, labelSelectorErrors } from './label-selector.ts';
import { dnsLabelProblems } from './names.ts';
import { immutableErrors } from './object-meta.ts';
import { podTemplateErrors } from './pod-spec.ts';

type Labels = Readonly<Record<string, string>>;

const SELECTOR = 'spec.selector';
const TEMPLATE = 'spec.template';

function selectorErrors(spec: JsonObject, kind: string): FieldErrors {
  const selector = spec['selector'];
  if (!isObject(selector)) return [required(SELECTOR)];
  const empty = isEmptySelector(selector)
    ? [invalid(SELECTOR, selector, `empty selector is invalid for ${kind}`)]
    : [];
  return [...labelSelectorErrors(selector, SELECTOR), ...empty];
}

/** The template's labels are what the selector looks for. */
function matchErrors(spec: JsonObject): FieldErrors {
  const selector = spec['selector'];
  if (!isObject(selector) || isEmptySelector(selector)) return NO_ERRORS;
  const labels = objectAt(spec, 'template', 'metadata')['labels'];
  if (selectorTest(selector)((labels ?? {}) as Labels)) return NO_ERRORS;
  return [
    invalid(`${TEMPLATE}.metadata.labels`, labels ?? null, '`selector` does not match template `labels`'),
  ];
}

/** What a controller that keeps pods running expects of their template. */
function runningTemplateErrors(spec: JsonObject, kind: string): FieldErrors {
  const podSpec = objectAt(spec, 'template', 'spec');
  const policy = podSpec['restartPolicy'];
  return [
    ...podTemplateErrors(asObject(spec['template']), TEMPLATE),
    ...(policy === 'Always' ? [] : [notSupported(`${TEMPLATE}.spec.restartPolicy`, policy, ['Always'])]),
    ...(isPresent(podSpec['activeDeadlineSeconds'])
      ? [
          prohibited(
            `${TEMPLATE}.spec.activeDeadlineSeconds`,
            `activeDeadlineSeconds in ${kind} is not Supported`,
          ),
        ]
      : []),
  ];
}

function rollingErrors(rolling: JsonObject, field: string): FieldErrors {
  const { maxUnavailable, maxSurge } = rolling;
  const isStuck = isZero(maxUnavailable) && isZero(maxSurge);
  return [
    ...intOrPercentErrors(maxUnavailable, `${field}.maxUnavailable`),
    ...intOrPercentErrors(maxSurge, `${field}.maxSurge`),
    ...(isStuck
      ? [invalid(`${field}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
      : []),
    ...atMostAllErrors(maxUnavailable, `${field}.maxUnavailable`),
  ];
}

function strategyErrors(strategy: JsonObject, field: string): FieldErrors {
  const { type, rollingUpdate } = strategy;
  if (type === 'RollingUpdate') return rollingErrors(asObject(rollingUpdate), `${field}.rollingUpdate`);
  if (type !== 'Recreate') return [notSupported(field, strategy, ['Recreate', 'RollingUpdate'])];
  if (!isPresent(rollingUpdate)) return NO_ERRORS;
  return [prohibited(`${field}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")];
}

function deadlineErrors(spec: JsonObject): FieldErrors {
  const field = 'spec.progressDeadlineSeconds';
  const deadline = spec['progressDeadlineSeconds'];
  const ready = asNumber(spec['minReadySeconds']) ?? 0;
  const isTooShort = typeof deadline === 'number' && deadline <= ready;
  return [
    ...nonNegative(deadline, field),
    ...(isTooShort ? [invalid(field, deadline, 'must be greater than minReadySeconds')] : []),
  ];
}

export function deploymentErrors(object: ApiObject): FieldErrors {
  const spec = asObject(object['spec']);
  return [
    ...nonNegative(spec['replicas'], 'spec.replicas'),
    ...selectorErrors(spec, 'deployment'),
    ...matchErrors(spec),
    ...runningTemplateErrors(spec, 'ReplicaSet'),
    ...strategyErrors(asObject(spec['strategy']), 'spec.strategy'),
    ...nonNegativeFields(spec, 'spec', ['minReadySeconds', 'revisionHistoryLimit']),
    ...deadlineErrors(spec),
  ];
}

export function replicaSetErrors(object: ApiObject): FieldErrors {
  const spec = asObject(object['spec']);
  return [
    ...nonNegativeFields(spec, 'spec', ['replicas', 'minReadySeconds']),
    ...selectorErrors(spec, 'deployment'),
    ...matchErrors(spec),
    ...runningTemplateErrors(spec, 'ReplicaSet'),
  ];
}

/** The selector of a controller never changes: its pods would be lost to it. */
export function selectorChangeErrors(object: ApiObject, previous: ApiObject): FieldErrors {
  return immutableErrors(
    SELECTOR,
    objectAt(object, 'spec')['selector'],
    objectAt(previous, 'spec')['selector'],
  );
}

export function daemonSetErrors(object: ApiObject): FieldErrors {
  const spec = asObject(object['spec']);
  const update = asObject(spec['updateStrategy']);
  const field = 'spec.updateStrategy';
  const known = update['type'] === 'OnDelete' || update['type'] === 'RollingUpdate';
  return [
    ...selectorErrors(spec, 'daemonset'),
    ...matchErrors(spec),
    ...runningTemplateErrors(spec, 'DaemonSet'),
    ...nonNegativeFields(spec, 'spec', ['minReadySeconds', 'revisionHistoryLimit']),
    ...(known ? [] : [notSupported(`${field}.type`, update['type'], ['RollingUpdate', 'OnDelete'])]),
    ...(update['type'] === 'RollingUpdate'
      ? daemonRollingErrors(asObject(update['rollingUpdate']), field)
      : []),
  ];
}

function daemonRollingErrors(rolling: JsonObject, field: string): FieldErrors {
  const { maxUnavailable, maxSurge } = rolling;
  const path = `${field}.rollingUpdate`;
  const isStuck = isZero(maxUnavailable) && isZero(maxSurge);
  const isDouble = !isZero(maxUnavailable) && !isZero(maxSurge);
  return [
    ...intOrPercentErrors(maxUnavailable, `${path}.maxUnavailable`),
    ...intOrPercentErrors(maxSurge, `${path}.maxSurge`),
    ...(isDouble
      ? [invalid(`${path}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero')]
      : []),
    ...(isStuck ? [required(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0')] : []),
  ];
}

const POD_MANAGEMENT = ['OrderedReady', 'Parallel'];
const RETENTION = ['Retain', 'Delete'];

export function statefulSetErrors(object: ApiObject): FieldErrors {
  const spec = asObject(object['spec']);
  const management = asText(spec['podManagementPolicy']);
  const retention = asObject(spec['persistentVolumeClaimRetentionPolicy']);
  return [
    ...(POD_MANAGEMENT.includes(management)
      ? []
      : [invalid('spec.podManagementPolicy', management, "must be 'OrderedReady' or 'Parallel'")]),
    ...statefulStrategyErrors(asObject(spec['updateStrategy'])),
    ...['whenDeleted', 'whenScaled']
      .filter((name) => !RETENTION.includes(asText(retention[name])))
      .map((name) =>
        notSupported(`spec.persistentVolumeClaimRetentionPolicy.${name}`, retention[name], RETENTION),
      ),
    ...nonNegativeFields(spec, 'spec', ['replicas', 'minReadySeconds']),
    ...formattedIfFilled(spec['serviceName'], 'spec.serviceName', dnsLabelProblems),
    ...selectorErrors(spec, 'statefulset'),
    ...matchErrors(spec),
    ...runningTemplateErrors(withClaimVolumes(spec), 'StatefulSet'),
  ];
}

function statefulStrategyErrors(strategy: JsonObject): FieldErrors {
  const { type, rollingUpdate } = strategy;
  const field = 'spec.updateStrategy';
  if (type === 'RollingUpdate') {
    return nonNegative(asObject(rollingUpdate)['partition'], `${field}.rollingUpdate.partition`);
  }
  if (type !== 'OnDelete') return [invalid(field, strategy, "must be 'RollingUpdate' or 'OnDelete'")];
  if (!isPresent(rollingUpdate)) return NO_ERRORS;
  return [
    invalid(`${field}.rollingUpdate`, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'"),
  ];
}

/** Claims become volumes of the pods, which their containers may mount. */
function withClaimVolumes(spec: JsonObject): JsonObject {
  const claims = spec['volumeClaimTemplates'];
  if (!Array.isArray(claims)) return spec;
  const names = claims.map((claim) => asText(objectAt(claim, 'metadata')['name']));
  const podSpec = objectAt(spec, 'template', 'spec');
  const own = Array.isArray(podSpec['volumes']) ? (podSpec['volumes'] as readonly JsonObject[]) : [];
  const volumes = [
    ...names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
    ...own.filter(({ name }) => !names.includes(asText(name))),
  ];
  return { ...spec, template: { ...asObject(spec['template']), spec: { ...podSpec, volumes } } };
}

const CHANGEABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

const STATEFUL_PROBLEM =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

export function statefulSetChangeErrors(object: ApiObject, previous: ApiObject): FieldErrors {
  const fixed = (from: ApiObject): JsonObject => without(asObject(from['spec']), ...CHANGEABLE);
  return deepEqual(fixed(object), fixed(previous)) ? NO_ERRORS : [prohibited('spec', STATEFUL_PROBLEM)];
}

const DEPLOYMENT_COUNTS = [
  'observedGeneration',
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'collisionCount',
];

/** No part of a Deployment's pods is larger than the whole. */
export function deploymentStatusErrors(object: ApiObject): FieldErrors {
  const status = asObject(object['status']);
  const count = (name: string): number => asNumber(status[name]) ?? 0;
  const excess = ['updatedReplicas', 'readyReplicas', 'availableReplicas']
    .filter((name) => count(name) > count('replicas'))
    .map((name) => invalid(`status.${name}`, count(name), 'cannot be greater than status.replicas'));
  const available = count('availableReplicas');
  const isAhead = available > count('readyReplicas');
  return [
    ...nonNegativeFields(status, 'status', DEPLOYMENT_COUNTS),
    ...excess,
    ...(isAhead
      ? [invalid('status.availableReplicas', available, 'cannot be greater than readyReplicas')]
      : []),
  ];
}
