/** Paths that are about no resource: version, health and discovery. */
import type { WireResponse } from '#kube/transport/transport.ts';
import type { Discovery } from '../discovery/discovery.ts';
import type { JsonObject } from '../json/json.ts';
import { jsonResponse, plainResponse } from '../wire/response.ts';
import type { PathHandler } from './dispatcher.ts';
import type { ParsedRequest } from './request.ts';

const HEALTH = /^\/(healthz|livez|readyz)(\/.*)?$/;
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

export function healthPaths(): PathHandler {
  return ({ path, query }) => {
    if (!HEALTH.test(path)) return undefined;
    const name = path.slice(1);
    return plainResponse(200, query.has('verbose') ? `[+]ping ok\n${name} check passed\n` : 'ok');
  };
}

export function versionPath(version: Readonly<Record<string, string>>): PathHandler {
  return ({ path }) => (path === '/version' ? json(version) : undefined);
}

/** Discovery of everything, of groups and of group versions. */
export function discoveryPaths(discovery: Discovery): PathHandler {
  return (request) => {
    const parts = request.path.split('/').filter((part) => part !== '');
    const [root, ...rest] = parts;
    if (root !== 'api' && root !== 'apis') return undefined;
    if (rest.length === 0) return rootAnswer(discovery, request, root === 'api');
    if (root === 'api') return listAnswer(discovery.resourceList('', rest[0] ?? ''), rest.length === 1);
    if (rest.length === 1) return listAnswer(discovery.group(rest[0] ?? ''), true);
    return listAnswer(discovery.resourceList(rest[0] ?? '', rest[1] ?? ''), rest.length === 2);
  };
}

function rootAnswer(discovery: Discovery, request: ParsedRequest, isCore: boolean): WireResponse {
  const accepted = (request.headers['accept'] ?? '').split(',').map((part) => part.replaceAll(' ', ''));
  const wantsAll = accepted.some(
    (part) =>
      part.startsWith('application/json;') &&
      part.includes('v=v2') &&
      part.includes('as=APIGroupDiscoveryList') &&
      !part.includes('v2beta1'),
  );
  if (wantsAll)
    return jsonResponse(200, JSON.stringify(discovery.aggregated(isCore)), { 'content-type': AGGREGATED });
  return json(isCore ? discovery.coreVersions() : discovery.groupList());
}

function listAnswer(list: JsonObject | undefined, isMeant: boolean): WireResponse | undefined {
  return list === undefined || !isMeant ? undefined : json(list);
}

function json(value: JsonObject): WireResponse {
  return jsonResponse(200, JSON.stringify(value));
}
