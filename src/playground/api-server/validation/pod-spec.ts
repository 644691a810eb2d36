/** What holds for the specs of pods and of pod templates. */
import { type JsonObject, asObjects, asText, isObject, isPresent, objectAt } from '../json/json.ts';
import { each, formattedIfFilled, oneOf, oneOfIfPresent, positive } from './checks.ts';
import { containerErrors, hostPortErrors, namesOf } from './container.ts';
import {
  type FieldErrors,
  NO_ERRORS,
  duplicate,
  invalid,
  notSupported,
  prohibited,
  required,
} from './field-error.ts';
import { labelSelectorErrors } from './label-selector.ts';
import {
  dnsLabelProblems,
  dnsSubdomainProblems,
  labelValueProblems,
  qualifiedNameProblems,
} from './names.ts';
import { annotationErrors, labelErrors, problemsAt } from './object-meta.ts';
import { PROBES, containerProbeErrors } from './probes.ts';
import { volumeErrors } from './volumes.ts';

type Texts = Readonly<Record<string, string>>;

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const MAX_INT32 = 2 ** 31 - 1;

function mainContainerErrors(spec: JsonObject, field: string, volumes: ReadonlySet<string>): FieldErrors {
  const containers = asObjects(spec['containers']);
  if (containers.length === 0) return [required(field)];
  const names = new Set<string>();
  const errors = each(containers, field, (container, path) => {
    const name = asText(container['name']);
    const isRepeated = names.has(name);
    names.add(name);
    return [
      ...containerErrors(container, path, volumes),
      ...(isRepeated ? [duplicate(`${path}.name`, name)] : []),
      ...containerProbeErrors(container, path),
    ];
  });
  return [...errors, ...hostPortErrors(containers, field)];
}

function initContainerErrors(spec: JsonObject, field: string, volumes: ReadonlySet<string>): FieldErrors {
  const names = new Set(namesOf(spec['containers']));
  return each(spec['initContainers'], field, (container, path) => {
    const name = asText(container['name']);
    const isRepeated = names.has(name);
    names.add(name);
    return [
      ...containerErrors(container, path, volumes),
      ...oneOfIfPresent(container['restartPolicy'], `${path}.restartPolicy`, RESTART_POLICIES),
      ...(isRepeated ? [duplicate(`${path}.name`, name)] : []),
      ...initOnlyErrors(container, path),
    ];
  });
}

/** Only what keeps running can be probed. */
function initOnlyErrors(container: JsonObject, field: string): FieldErrors {
  if (container['restartPolicy'] === 'Always') return containerProbeErrors(container, field);
  return ['lifecycle', ...PROBES]
    .filter((name) => isObject(container[name]))
    .map((name) =>
      prohibited(`${field}.${name}`, 'may not be set for init containers without restartPolicy=Always'),
    );
}

function tolerationErrors(toleration: JsonObject, field: string): FieldErrors {
  const { operator, effect, tolerationSeconds } = toleration;
  const key = asText(toleration['key']);
  const value = asText(toleration['value']);
  return [
    ...formattedIfFilled(key, `${field}.key`, qualifiedNameProblems),
    ...(key === '' && operator !== 'Exists' ? [invalid(`${field}.operator`, asText(operator), NO_KEY)] : []),
    ...(isPresent(tolerationSeconds) && effect !== 'NoExecute'
      ? [
          invalid(
            `${field}.effect`,
            asText(effect),
            "effect must be 'NoExecute' when `tolerationSeconds` is set",
          ),
        ]
      : []),
    ...operatorErrors(operator, value, `${field}.operator`),
    ...(asText(effect) === '' ? [] : oneOf(effect, `${field}.effect`, TAINT_EFFECTS)),
  ];
}

const NO_KEY = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';

function operatorErrors(operator: unknown, value: string, field: string): FieldErrors {
  switch (asText(operator)) {
    case '':
    case 'Equal': {
      const problems = labelValueProblems(value);
      return problems.length === 0 ? NO_ERRORS : [invalid(field, value, problems.join(';'))];
    }
    case 'Exists':
      return value === ''
        ? NO_ERRORS
        : [invalid(field, value, "value must be empty when `operator` is 'Exists'")];
    default:
      return [notSupported(field, operator, ['Equal', 'Exists'])];
  }
}

function spreadErrors(constraint: JsonObject, field: string): FieldErrors {
  const key = asText(constraint['topologyKey']);
  return [
    ...positive(constraint['maxSkew'], `${field}.maxSkew`),
    ...(key === ''
      ? [required(`${field}.topologyKey`, 'can not be empty')]
      : problemsAt(`${field}.topologyKey`, key, qualifiedNameProblems(key))),
    ...oneOf(constraint['whenUnsatisfiable'], `${field}.whenUnsatisfiable`, [
      'DoNotSchedule',
      'ScheduleAnyway',
    ]),
    ...labelSelectorErrors(constraint['labelSelector'], `${field}.labelSelector`),
  ];
}

function deadlineErrors(spec: JsonObject, field: string): FieldErrors {
  const seconds = spec['activeDeadlineSeconds'];
  if (typeof seconds !== 'number' || (seconds >= 1 && seconds <= MAX_INT32)) return NO_ERRORS;
  return [
    invalid(`${field}.activeDeadlineSeconds`, seconds, `must be between 1 and ${MAX_INT32}, inclusive`),
  ];
}

/** Errors of a pod spec. */
export function podSpecErrors(spec: JsonObject, field: string): FieldErrors {
  const volumes = new Set(namesOf(spec['volumes']));
  return [
    ...volumeErrors(spec['volumes'], `${field}.volumes`),
    ...mainContainerErrors(spec, `${field}.containers`, volumes),
    ...initContainerErrors(spec, `${field}.initContainers`, volumes),
    ...oneOf(spec['restartPolicy'], `${field}.restartPolicy`, RESTART_POLICIES),
    ...oneOf(spec['dnsPolicy'], `${field}.dnsPolicy`, DNS_POLICIES),
    ...labelErrors(spec['nodeSelector'] as Texts | undefined, `${field}.nodeSelector`),
    ...each(spec['topologySpreadConstraints'], `${field}.topologySpreadConstraints`, spreadErrors),
    ...formattedIfFilled(spec['serviceAccountName'], `${field}.serviceAccountName`, dnsSubdomainProblems),
    ...formattedIfFilled(spec['nodeName'], `${field}.nodeName`, dnsSubdomainProblems),
    ...deadlineErrors(spec, field),
    ...formattedIfFilled(spec['hostname'], `${field}.hostname`, dnsLabelProblems),
    ...formattedIfFilled(spec['subdomain'], `${field}.subdomain`, dnsLabelProblems),
    ...each(spec['tolerations'], `${field}.tolerations`, tolerationErrors),
    ...formattedIfFilled(spec['priorityClassName'], `${field}.priorityClassName`, dnsSubdomainProblems),
  ];
}

/** Errors of a pod template. */
export function podTemplateErrors(template: JsonObject, field: string): FieldErrors {
  const metadata = objectAt(template, 'metadata');
  const spec = objectAt(template, 'spec');
  return [
    ...labelErrors(metadata['labels'] as Texts | undefined, `${field}.labels`),
    ...annotationErrors(metadata['annotations'] as Texts | undefined, `${field}.annotations`),
    ...podSpecErrors(spec, `${field}.spec`),
    ...(isPresent(spec['ephemeralContainers'])
      ? [prohibited(`${field}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]
      : []),
  ];
}
