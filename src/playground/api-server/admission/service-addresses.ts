/** Services get their cluster addresses and node ports from the API server. */
import {
  type JsonObject,
  asList,
  asObject,
  asObjects,
  asText,
  isPresent,
  objectAt,
  without,
} from '../json/json.ts';
import { withField } from '../resources/kind-rules.ts';
import type { ApiObject } from '../storage/api-object.ts';
import type { Store } from '../storage/store.ts';
import type { WriteAttributes } from './admission.ts';
import type { AdmissionPlugin, PluginContext } from './plugin.ts';

const SERVICES = { group: '', plural: 'services' };
/** 10.96.0.0/16; the lowest addresses are kept for those who ask for them. */
const PREFIX = '10.96';
const FIRST_DYNAMIC = 256;
const ADDRESSES = 65_536;
const FIRST_NODE_PORT = 30_000;
const NODE_PORTS = 2768;

function used(store: Store, read: (spec: JsonObject) => readonly unknown[]): ReadonlySet<unknown> {
  const services = store.collection(SERVICES).list();
  return new Set(services.flatMap((service) => read(objectAt(service, 'spec'))));
}

/** A free address, searched from a random one. */
function freeAddress({ store, random }: PluginContext): string {
  const taken = used(store, (spec) => asList(spec['clusterIPs']));
  const range = ADDRESSES - FIRST_DYNAMIC - 1;
  const start = Math.floor(random.next() * range);
  for (let step = 0; step < range; step += 1) {
    const number = FIRST_DYNAMIC + ((start + step) % range);
    const address = `${PREFIX}.${number >> 8}.${number & 255}`;
    if (!taken.has(address)) return address;
  }
  return '';
}

function freeNodePort({ store, random }: PluginContext, chosen: ReadonlySet<number>): number {
  const taken = used(store, (spec) => asObjects(spec['ports']).map(({ nodePort }) => nodePort));
  const start = Math.floor(random.next() * NODE_PORTS);
  for (let step = 0; step < NODE_PORTS; step += 1) {
    const port = FIRST_NODE_PORT + ((start + step) % NODE_PORTS);
    if (!taken.has(port) && !chosen.has(port)) return port;
  }
  return 0;
}

function withNodePorts(spec: JsonObject, context: PluginContext): JsonObject {
  const type = asText(spec['type']);
  const isBalanced = type === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] !== false;
  if (type !== 'NodePort' && !isBalanced) return spec;
  const chosen = new Set<number>();
  const ports = asObjects(spec['ports']).map((port) => {
    if (isPresent(port['nodePort']) && port['nodePort'] !== 0) return port;
    const nodePort = freeNodePort(context, chosen);
    chosen.add(nodePort);
    return { ...port, nodePort };
  });
  return { ...spec, ports };
}

/** One family of addresses: IPv4. */
function withClusterAddress(spec: JsonObject, known: JsonObject, context: PluginContext): JsonObject {
  const wanted =
    asText(spec['clusterIP']) || asText(asList(spec['clusterIPs'])[0]) || asText(known['clusterIP']);
  const clusterIP = wanted === '' ? freeAddress(context) : wanted;
  return {
    ...spec,
    clusterIP,
    clusterIPs: isPresent(spec['clusterIPs']) ? spec['clusterIPs'] : [clusterIP],
    ipFamilies: isPresent(spec['ipFamilies']) ? spec['ipFamilies'] : ['IPv4'],
    ipFamilyPolicy: spec['ipFamilyPolicy'] ?? 'SingleStack',
  };
}

function admit(attributes: WriteAttributes, context: PluginContext): ApiObject {
  const { object, call, previous } = attributes;
  const { resource, subresource } = call;
  if (resource.group !== '' || resource.plural !== 'services' || subresource !== '') return object;
  const spec = asObject(object['spec']);
  if (spec['type'] === 'ExternalName') {
    return withField(
      object,
      'spec',
      without(spec, 'clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'),
    );
  }
  const known = previous === undefined ? {} : objectAt(previous, 'spec');
  return withField(object, 'spec', withNodePorts(withClusterAddress(spec, known, context), context));
}

export const serviceAddresses: AdmissionPlugin = { admit };
