/** What holds for RBAC objects, leases and priority classes. */
import { type JsonObject, asList, asObject, asText, objectAt } from '../json/json.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { each, filledText, nonNegative } from './checks.ts';
import { type FieldErrors, NO_ERRORS, invalid, notSupported, prohibited, required } from './field-error.ts';
import { immutableErrors } from './object-meta.ts';

const RBAC_GROUP = 'rbac.authorization.k8s.io';

function ruleErrors(rule: JsonObject, field: string, isNamespaced: boolean): FieldErrors {
  const count = (name: string): number => asList(rule[name]).length;
  const verbs =
    count('verbs') === 0 ? [required(`${field}.verbs`, 'verbs must contain at least one value')] : [];
  const urls = `${field}.nonResourceURLs`;
  if (count('nonResourceURLs') > 0) {
    const isMixed = count('apiGroups') + count('resources') + count('resourceNames') > 0;
    const shown = rule['nonResourceURLs'];
    return [
      ...verbs,
      ...(isNamespaced ? [invalid(urls, shown, 'namespaced rules cannot apply to non-resource URLs')] : []),
      ...(isMixed
        ? [invalid(urls, shown, 'rules cannot apply to both regular resources and non-resource URLs')]
        : []),
    ];
  }
  return [
    ...verbs,
    ...(count('apiGroups') === 0
      ? [required(`${field}.apiGroups`, 'resource rules must supply at least one api group')]
      : []),
    ...(count('resources') === 0
      ? [required(`${field}.resources`, 'resource rules must supply at least one resource')]
      : []),
  ];
}

export function roleErrors(role: ApiObject): FieldErrors {
  return each(role['rules'], 'rules', (rule, field) => ruleErrors(rule, field, role.kind === 'Role'));
}

function subjectErrors(subject: JsonObject, field: string, isNamespaced: boolean): FieldErrors {
  const kind = asText(subject['kind']);
  const group = asText(subject['apiGroup']);
  const name = filledText(subject['name'], `${field}.name`);
  if (kind === 'ServiceAccount') {
    const needsNamespace = !isNamespaced && asText(subject['namespace']) === '';
    return [
      ...name,
      ...(group === '' ? [] : [notSupported(`${field}.apiGroup`, group, [''])]),
      ...(needsNamespace ? [required(`${field}.namespace`)] : []),
    ];
  }
  if (kind !== 'User' && kind !== 'Group') {
    return [...name, notSupported(`${field}.kind`, kind, ['ServiceAccount', 'User', 'Group'])];
  }
  return [...name, ...(group === RBAC_GROUP ? [] : [notSupported(`${field}.apiGroup`, group, [RBAC_GROUP])])];
}

export function roleBindingErrors(binding: ApiObject): FieldErrors {
  const reference = asObject(binding['roleRef']);
  const isNamespaced = binding.kind === 'RoleBinding';
  const kinds = isNamespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  const group = reference['apiGroup'];
  const kind = asText(reference['kind']);
  return [
    ...(group === RBAC_GROUP ? [] : [notSupported('roleRef.apiGroup', group, [RBAC_GROUP])]),
    ...(kinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, kinds)]),
    ...filledText(reference['name'], 'roleRef.name'),
    ...each(binding['subjects'], 'subjects', (subject, field) => subjectErrors(subject, field, isNamespaced)),
  ];
}

export function roleBindingChangeErrors(binding: ApiObject, previous: ApiObject): FieldErrors {
  if (binding['roleRef'] === previous['roleRef']) return NO_ERRORS;
  return [invalid('roleRef', binding['roleRef'], 'cannot change roleRef')];
}

export function leaseErrors(lease: ApiObject): FieldErrors {
  const spec = objectAt(lease, 'spec');
  const duration = spec['leaseDurationSeconds'];
  const isTooShort = typeof duration === 'number' && duration <= 0;
  return [
    ...(isTooShort ? [invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0')] : []),
    ...nonNegative(spec['leaseTransitions'], 'spec.leaseTransitions'),
  ];
}

const HIGHEST_USER_PRIORITY = 1_000_000_000;
const SYSTEM_PREFIX = 'system-';

export function priorityClassErrors(priority: ApiObject): FieldErrors {
  const value = Number(priority['value'] ?? 0);
  const name = priority.metadata.name ?? '';
  const isSystem = ['system-cluster-critical', 'system-node-critical'].includes(name);
  if (isSystem) return NO_ERRORS;
  return [
    ...(name.startsWith(SYSTEM_PREFIX)
      ? [
          prohibited(
            'metadata.name',
            "priority class names with 'system-' prefix are reserved for system use only. error: name is not a known system priority class",
          ),
        ]
      : []),
    ...(value > HIGHEST_USER_PRIORITY
      ? [prohibited('value', `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`)]
      : []),
  ];
}

export function priorityClassChangeErrors(priority: ApiObject, previous: ApiObject): FieldErrors {
  return [
    ...(priority['value'] === previous['value']
      ? []
      : [prohibited('value', 'may not be changed in an update.')]),
    ...immutableErrors('preemptionPolicy', priority['preemptionPolicy'], previous['preemptionPolicy']),
  ];
}
