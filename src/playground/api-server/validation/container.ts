/** What holds for every container. */
import { type JsonObject, asList, asObject, asObjects, asText, isObject } from '../json/json.ts';
import { each, filledText, formatted, formattedIfFilled, oneOf } from './checks.ts';
import {
  type FieldError,
  type FieldErrors,
  NO_ERRORS,
  duplicate,
  invalid,
  missing,
  required,
} from './field-error.ts';
import { dnsLabelProblems, environmentNameProblems, portNameProblems, portNumberProblems } from './names.ts';
import { problemsAt } from './object-meta.ts';
import { resourceErrors } from './resource-amounts.ts';

export const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const ENV_SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'];

function portErrors(ports: unknown, field: string): FieldErrors {
  const names = new Set<string>();
  return each(ports, field, (port, path) => {
    const errors: FieldError[] = [];
    const name = asText(port['name']);
    const nameErrors = formattedIfFilled(name, `${path}.name`, portNameProblems);
    errors.push(...nameErrors);
    if (name !== '' && nameErrors.length === 0 && names.has(name))
      errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    const number = port['containerPort'];
    if (typeof number !== 'number' || number === 0) errors.push(required(`${path}.containerPort`));
    else errors.push(...problemsAt(`${path}.containerPort`, number, portNumberProblems(number)));
    const host = port['hostPort'];
    if (typeof host === 'number')
      errors.push(...problemsAt(`${path}.hostPort`, host, portNumberProblems(host)));
    return [...errors, ...oneOf(port['protocol'], `${path}.protocol`, PROTOCOLS)];
  });
}

function valueFromErrors(variable: JsonObject, field: string): FieldErrors {
  const from = variable['valueFrom'];
  if (!isObject(from)) return NO_ERRORS;
  const sources = ENV_SOURCES.filter((name) => isObject(from[name]));
  const keys = sources.flatMap((name) => sourceErrors(asObject(from[name]), `${field}.${name}`, name));
  if (sources.length === 0) {
    const problem =
      'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    return [invalid(field, '', problem)];
  }
  if (asText(variable['value']) !== '') {
    return [...keys, invalid(field, '', 'may not be specified when `value` is not empty')];
  }
  if (sources.length === 1) return keys;
  return [...keys, invalid(field, '', 'may not have more than one field specified at a time')];
}

function sourceErrors(source: JsonObject, field: string, name: string): FieldErrors {
  if (name !== 'configMapKeyRef' && name !== 'secretKeyRef') return NO_ERRORS;
  return [...filledText(source['name'], `${field}.name`), ...filledText(source['key'], `${field}.key`)];
}

function environmentErrors(variables: unknown, field: string): FieldErrors {
  return each(variables, field, (variable, path) => {
    const name = asText(variable['name']);
    const nameErrors =
      name === '' ? [required(`${path}.name`)] : formatted(name, `${path}.name`, environmentNameProblems);
    return [...nameErrors, ...valueFromErrors(variable, `${path}.valueFrom`)];
  });
}

function mountErrors(mounts: unknown, field: string, volumes: ReadonlySet<string>): FieldErrors {
  const paths = new Set<string>();
  return each(mounts, field, (mount, path) => {
    const name = asText(mount['name']);
    const mountPath = asText(mount['mountPath']);
    const isRepeated = paths.has(mountPath);
    paths.add(mountPath);
    return [
      ...filledText(name, `${path}.name`),
      ...(volumes.has(name) ? [] : [missing(`${path}.name`, name)]),
      ...filledText(mountPath, `${path}.mountPath`),
      ...(isRepeated ? [invalid(`${path}.mountPath`, mountPath, 'must be unique')] : []),
    ];
  });
}

/** Errors that any container may have. `volumes` are the names of the pod's volumes. */
export function containerErrors(
  container: JsonObject,
  field: string,
  volumes: ReadonlySet<string>,
): FieldErrors {
  const name = asText(container['name']);
  return [
    ...(name === '' ? [required(`${field}.name`)] : formatted(name, `${field}.name`, dnsLabelProblems)),
    ...filledText(container['image'], `${field}.image`),
    ...oneOf(container['terminationMessagePolicy'], `${field}.terminationMessagePolicy`, MESSAGE_POLICIES),
    ...portErrors(container['ports'], `${field}.ports`),
    ...environmentErrors(container['env'], `${field}.env`),
    ...mountErrors(container['volumeMounts'], `${field}.volumeMounts`, volumes),
    ...oneOf(container['imagePullPolicy'], `${field}.imagePullPolicy`, PULL_POLICIES),
    ...resourceErrors(asObject(container['resources']), `${field}.resources`),
  ];
}

/** Host ports, protocols and addresses that containers claim more than once. */
export function hostPortErrors(containers: readonly JsonObject[], field: string): FieldErrors {
  const claimed = new Set<string>();
  return containers.flatMap((container, index) =>
    asObjects(container['ports']).flatMap((port, position) => {
      const { hostPort, hostIP, protocol } = port;
      if (typeof hostPort !== 'number' || hostPort === 0) return [];
      const claim = `${asText(protocol)}/${asText(hostIP)}/${hostPort}`;
      if (!claimed.has(claim)) {
        claimed.add(claim);
        return [];
      }
      return [duplicate(`${field}[${index}].ports[${position}].hostPort`, claim)];
    }),
  );
}

export function namesOf(list: unknown): readonly string[] {
  return asList(list).map((item) => (isObject(item) ? asText(item['name']) : ''));
}
