/** Defaults of Services. */
import type { DefaultRule } from '../decode/decoder.ts';
import { type JsonObject, asObject, asObjects, isPresent, objectAt, without } from '../json/json.ts';
import { changedItems, fill, filled } from './fill.ts';

const CLIENT_IP_TIMEOUT_SECONDS = 10_800;

function servicePort(port: JsonObject): JsonObject {
  const target = port['targetPort'];
  return isPresent(target) && target !== 0 && target !== '' ? port : { ...port, targetPort: port['port'] };
}

function isExternallyAccessible(spec: JsonObject): boolean {
  const type = spec['type'];
  const external = Array.isArray(spec['externalIPs']) && spec['externalIPs'].length > 0;
  return type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && external);
}

function withSessionAffinity(spec: JsonObject): JsonObject {
  if (spec['sessionAffinity'] !== 'ClientIP') return without(spec, 'sessionAffinityConfig');
  const timeout = objectAt(spec, 'sessionAffinityConfig', 'clientIP')['timeoutSeconds'];
  if (isPresent(timeout)) return spec;
  return { ...spec, sessionAffinityConfig: { clientIP: { timeoutSeconds: CLIENT_IP_TIMEOUT_SECONDS } } };
}

function withTrafficPolicies(spec: JsonObject): JsonObject {
  const defaults: Record<string, unknown> = {};
  if (isExternallyAccessible(spec)) defaults['externalTrafficPolicy'] = 'Cluster';
  if (spec['type'] !== 'ExternalName') defaults['internalTrafficPolicy'] = 'Cluster';
  if (spec['type'] === 'LoadBalancer') defaults['allocateLoadBalancerNodePorts'] = true;
  return filled(spec, defaults);
}

const service: DefaultRule = (draft) => {
  const spec = { ...asObject(draft['spec']) };
  fill(spec, { sessionAffinity: 'None', type: 'ClusterIP' });
  if (isPresent(spec['ports'])) spec['ports'] = changedItems(asObjects(spec['ports']), servicePort);
  draft['spec'] = withTrafficPolicies(withSessionAffinity(spec));
};

export const SERVICE_DEFAULTS: Readonly<Record<string, DefaultRule>> = { 'core.v1.Service': service };
