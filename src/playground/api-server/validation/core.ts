/** What holds for Services, ConfigMaps, Secrets and the other kinds of the core group. */
import { type JsonObject, asList, asObject, asText, isPresent, objectAt } from '../json/json.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { each, filledText, formatted, oneOf, oneOfIfPresent } from './checks.ts';
import {
  type FieldErrors,
  NO_ERRORS,
  duplicate,
  invalid,
  prohibited,
  required,
  tooLong,
} from './field-error.ts';
import { labelSelectorErrors } from './label-selector.ts';
import { configKeyProblems, dnsLabelProblems, portNumberProblems, qualifiedNameProblems } from './names.ts';
import { immutableErrors, labelErrors, problemsAt } from './object-meta.ts';
import { portErrors } from './probes.ts';

const MAX_DATA_BYTES = 1_048_576;
const SERVICE_TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

function portsErrors(ports: unknown, field: string): FieldErrors {
  const names = new Set<string>();
  const claims = new Set<string>();
  const needsName = asList(ports).length > 1;
  return each(ports, field, (port, path) => {
    const name = asText(port['name']);
    const number = Number(port['port'] ?? 0);
    const claim = `${asText(port['protocol'])}/${number}`;
    const isNameTaken = name !== '' && names.has(name);
    const isPortTaken = claims.has(claim);
    names.add(name);
    claims.add(claim);
    return [
      ...(needsName && name === '' ? [required(`${path}.name`)] : []),
      ...(name === '' ? [] : formatted(name, `${path}.name`, dnsLabelProblems)),
      ...(isNameTaken ? [duplicate(`${path}.name`, name)] : []),
      ...problemsAt(`${path}.port`, number, portNumberProblems(number)),
      ...oneOf(port['protocol'], `${path}.protocol`, PROTOCOLS),
      ...portErrors(port['targetPort'], `${path}.targetPort`),
      ...(isPortTaken ? [duplicate(path, { port: number, protocol: port['protocol'] })] : []),
    ];
  });
}

export function serviceErrors(service: ApiObject): FieldErrors {
  const spec = asObject(service['spec']);
  const isHeadless = spec['clusterIP'] === 'None';
  const isExternalName = spec['type'] === 'ExternalName';
  const needsPorts = asList(spec['ports']).length === 0 && !isHeadless && !isExternalName;
  return [
    ...(needsPorts ? [required('spec.ports')] : []),
    ...portsErrors(spec['ports'], 'spec.ports'),
    ...labelErrors(spec['selector'] as Readonly<Record<string, string>> | undefined, 'spec.selector'),
    ...oneOf(spec['sessionAffinity'], 'spec.sessionAffinity', ['ClientIP', 'None']),
    ...oneOf(spec['type'], 'spec.type', SERVICE_TYPES),
    ...(isExternalName ? filledText(spec['externalName'], 'spec.externalName') : []),
    ...oneOfIfPresent(spec['externalTrafficPolicy'], 'spec.externalTrafficPolicy', ['Cluster', 'Local']),
    ...oneOfIfPresent(spec['internalTrafficPolicy'], 'spec.internalTrafficPolicy', ['Cluster', 'Local']),
  ];
}

/** The address of a service is given once. */
export function serviceChangeErrors(service: ApiObject, previous: ApiObject): FieldErrors {
  const spec = objectAt(service, 'spec');
  const before = objectAt(previous, 'spec');
  const isAddressed = [spec, before].every(({ type }) => type !== 'ExternalName');
  if (!isAddressed || !isPresent(before['clusterIP'])) return NO_ERRORS;
  const now = asList(spec['clusterIPs'])[0] ?? spec['clusterIP'];
  if (now === before['clusterIP']) return NO_ERRORS;
  return [invalid('spec.clusterIPs[0]', spec['clusterIPs'] ?? null, 'may not change once set')];
}

function keyErrors(data: JsonObject, field: string): FieldErrors {
  return Object.keys(data).flatMap((key) => problemsAt(`${field}[${key}]`, key, configKeyProblems(key)));
}

function bytesIn(data: JsonObject): number {
  return Object.values(data).reduce<number>((sum, value) => sum + Buffer.byteLength(asText(value)), 0);
}

export function configMapErrors(configMap: ApiObject): FieldErrors {
  const data = asObject(configMap['data']);
  const binary = asObject(configMap['binaryData']);
  const shared = Object.keys(data).filter((key) => key in binary);
  const isTooLarge = bytesIn(data) + bytesIn(binary) > MAX_DATA_BYTES;
  return [
    ...keyErrors(data, 'data'),
    ...shared.map((key) => invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')),
    ...keyErrors(binary, 'binaryData'),
    ...(isTooLarge ? [tooLong('', MAX_DATA_BYTES)] : []),
  ];
}

const FROZEN = 'field is immutable when `immutable` is set';

/** What is marked immutable stays so. */
export function frozenErrors(object: ApiObject, previous: ApiObject): FieldErrors {
  if (previous['immutable'] !== true) return NO_ERRORS;
  const thawed = object['immutable'] === true ? [] : [prohibited('immutable', FROZEN)];
  const changed = ['data', 'binaryData'].filter((name) => object[name] !== previous[name]);
  return [...thawed, ...changed.map((name) => prohibited(name, FROZEN))];
}

/** The keys that secrets of some types must have. */
const SECRET_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

const SERVICE_ACCOUNT = 'kubernetes.io/service-account.name';

export function secretErrors(secret: ApiObject): FieldErrors {
  const data = asObject(secret['data']);
  const type = asText(secret['type']);
  const missing = (SECRET_KEYS[type] ?? []).filter((key) => data[key] === undefined);
  const needsAccount =
    type === 'kubernetes.io/service-account-token' &&
    secret.metadata.annotations?.[SERVICE_ACCOUNT] === undefined;
  return [
    ...keyErrors(data, 'data'),
    ...(bytesIn(data) > MAX_DATA_BYTES * (4 / 3) ? [tooLong('data', MAX_DATA_BYTES)] : []),
    ...missing.map((key) => required(`data[${key}]`)),
    ...(needsAccount ? [required(`metadata.annotations[${SERVICE_ACCOUNT}]`)] : []),
  ];
}

export function secretChangeErrors(secret: ApiObject, previous: ApiObject): FieldErrors {
  return [...immutableErrors('type', secret['type'], previous['type']), ...frozenErrors(secret, previous)];
}

const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function nodeErrors(node: ApiObject): FieldErrors {
  const seen = new Set<string>();
  return each(objectAt(node, 'spec')['taints'], 'metadata.taints', (taint, path) => {
    const key = asText(taint['key']);
    const identity = `${key}:${asText(taint['effect'])}`;
    const isRepeated = seen.has(identity);
    seen.add(identity);
    return [
      ...problemsAt(`${path}.key`, key, qualifiedNameProblems(key)),
      ...oneOf(taint['effect'], `${path}.effect`, TAINT_EFFECTS),
      ...(isRepeated ? [duplicate(path, taint)] : []),
    ];
  });
}

export function eventErrors(event: ApiObject): FieldErrors {
  const involved = objectAt(event, 'involvedObject');
  const place = event.metadata.namespace ?? '';
  const namespace = asText(involved['namespace']);
  // Events about what has no namespace are kept in `default`.
  const isFitting = namespace === '' ? place === 'default' : namespace === place;
  return isFitting
    ? NO_ERRORS
    : [invalid('involvedObject.namespace', namespace, 'does not match event.namespace')];
}

export function claimErrors(claim: ApiObject): FieldErrors {
  const spec = asObject(claim['spec']);
  const storage = objectAt(spec, 'resources', 'requests')['storage'];
  return [
    ...labelSelectorErrors(spec['selector'], 'spec.selector'),
    ...(asList(spec['accessModes']).length === 0
      ? [required('spec.accessModes', 'at least 1 access mode is required')]
      : []),
    ...(isPresent(storage) ? [] : [required('spec.resources[storage]')]),
  ];
}
