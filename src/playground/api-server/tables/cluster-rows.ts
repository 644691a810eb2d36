/** Rows of nodes, services, endpoints, events and budgets. */
import { asNumber, asObjects, asText, asList, isPresent, textAt } from '../json/json.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { type CellMaker, age, at, conditionIs, count, firstItems, labels, name, row, text } from './cells.ts';
import { since } from './durations.ts';
import type { RowMaker } from './table.ts';

const ROLE_PREFIX = 'node-role.kubernetes.io/';
const ROLE_LABEL = 'kubernetes.io/role';
const SHOWN_ENDPOINTS = 3;

function roleOf([key, value]: readonly [string, string]): string {
  if (key.startsWith(ROLE_PREFIX)) return key.slice(ROLE_PREFIX.length);
  return key === ROLE_LABEL ? value : '';
}

const roles: CellMaker = (object) => {
  const found = Object.entries(object.metadata.labels ?? {}).map(roleOf);
  const names = [...new Set(found.filter((role) => role !== ''))].sort();
  return names.length === 0 ? '<none>' : names.join(',');
};

function readiness(object: ApiObject): string {
  if (conditionIs(object, 'Ready', 'True')) return 'Ready';
  const isReported = asObjects(at(object, 'status.conditions')).some(({ type }) => type === 'Ready');
  return isReported ? 'NotReady' : 'Unknown';
}

const nodeState: CellMaker = (object) =>
  at(object, 'spec.unschedulable') === true ? `${readiness(object)},SchedulingDisabled` : readiness(object);

function address(type: string): CellMaker {
  return (object) => {
    const addresses = asObjects(at(object, 'status.addresses'));
    const found = addresses.find((candidate) => candidate['type'] === type);
    return found === undefined ? '<none>' : asText(found['address']);
  };
}

const kernel: CellMaker = (object, context) => {
  const architecture = textAt(object, 'status', 'nodeInfo', 'architecture');
  const version = text('status.nodeInfo.kernelVersion', '<unknown>')(object, context);
  return architecture === '' ? version : `${String(version)} (${architecture})`;
};

function balancerAddresses(service: ApiObject): readonly string[] {
  const ingress = asObjects(at(service, 'status.loadBalancer.ingress'));
  const names = ingress.map(({ ip, hostname }) => asText(ip ?? hostname)).filter((found) => found !== '');
  return [...new Set(names)].sort();
}

const externalAddress: CellMaker = (object) => {
  const type = textAt(object, 'spec', 'type');
  if (type === 'ExternalName') return textAt(object, 'spec', 'externalName');
  const external = asList(at(object, 'spec.externalIPs')).map(asText);
  const addresses = type === 'LoadBalancer' ? [...balancerAddresses(object), ...external] : external;
  if (addresses.length > 0) return addresses.join(',');
  return type === 'LoadBalancer' ? '<pending>' : '<none>';
};

const servicePorts: CellMaker = (object) => {
  const ports = asObjects(at(object, 'spec.ports')).map(({ port, nodePort, protocol }) => {
    const outer = asNumber(nodePort) ?? 0;
    return `${String(port)}${outer > 0 ? `:${outer}` : ''}/${asText(protocol)}`;
  });
  return ports.length === 0 ? '<none>' : ports.join(',');
};

const endpointAddresses: CellMaker = (object) => {
  const found = asObjects(at(object, 'subsets')).flatMap((subset) => {
    const addresses = asObjects(subset['addresses']).map(({ ip }) => asText(ip));
    const ports = asObjects(subset['ports']).map(({ port }) => String(port));
    return ports.length === 0 ? addresses : ports.flatMap((port) => addresses.map((ip) => `${ip}:${port}`));
  });
  return firstItems(found, SHOWN_ENDPOINTS, '<none>');
};

const slicePorts: CellMaker = (object) => {
  const ports = asObjects(at(object, 'ports')).map(({ port, name: portName }) =>
    isPresent(port) ? String(port) : asText(portName) || '*',
  );
  return firstItems(ports, SHOWN_ENDPOINTS, '<unset>');
};

const sliceAddresses: CellMaker = (object) => {
  const found = asObjects(at(object, 'endpoints')).flatMap(({ addresses }) => asList(addresses).map(asText));
  return firstItems(found, SHOWN_ENDPOINTS, '<unset>');
};

function firstText(object: ApiObject, ...paths: readonly string[]): string {
  return paths.map((path) => asText(at(object, path))).find((found) => found !== '') ?? '';
}

const firstSeen: CellMaker = (object, { nowMs }) =>
  since(firstText(object, 'firstTimestamp', 'eventTime'), nowMs);

const lastSeen: CellMaker = (object, { nowMs }) =>
  since(firstText(object, 'series.lastObservedTime', 'lastTimestamp', 'firstTimestamp', 'eventTime'), nowMs);

const target: CellMaker = (object) => {
  const kind = textAt(object, 'involvedObject', 'kind').toLowerCase();
  const involved = textAt(object, 'involvedObject', 'name');
  return involved === '' ? kind : `${kind}/${involved}`;
};

const source: CellMaker = (object) => {
  const component = firstText(object, 'source.component', 'reportingComponent');
  const host = firstText(object, 'source.host', 'reportingInstance');
  return host === '' ? component : `${component}, ${host}`;
};

const message: CellMaker = (object) => textAt(object, 'message').trim();

const times: CellMaker = (object) =>
  asNumber(at(object, 'series.count')) ?? (asNumber(at(object, 'count')) || 1);

export const CLUSTER_ROWS: Readonly<Record<string, RowMaker>> = {
  '/nodes': row(
    name,
    nodeState,
    roles,
    age,
    text('status.nodeInfo.kubeletVersion'),
    address('InternalIP'),
    address('ExternalIP'),
    text('status.nodeInfo.osImage', '<unknown>'),
    kernel,
    text('status.nodeInfo.containerRuntimeVersion', '<unknown>'),
  ),
  '/services': row(
    name,
    text('spec.type'),
    (object) => asText(asList(at(object, 'spec.clusterIPs'))[0]) || '<none>',
    externalAddress,
    servicePorts,
    age,
    labels('spec.selector'),
  ),
  '/endpoints': row(name, endpointAddresses, age),
  'discovery.k8s.io/endpointslices': row(name, text('addressType'), slicePorts, sliceAddresses, age),
  '/events': row(
    lastSeen,
    text('type'),
    text('reason'),
    target,
    text('involvedObject.fieldPath'),
    source,
    message,
    firstSeen,
    times,
    name,
  ),
  'policy/poddisruptionbudgets': row(
    name,
    text('spec.minAvailable', 'N/A'),
    text('spec.maxUnavailable', 'N/A'),
    count('status.disruptionsAllowed'),
    age,
  ),
};
