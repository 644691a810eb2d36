/** The paths of the metrics.k8s.io API: groups and lists, single objects, label selectors. */
import type { KubeList, KubeObject } from '#apis/kubernetes/object.ts';
import { parseLabelSelector } from '../../api-server/selectors/label-selector.ts';
import { labelsOf } from '../meta.ts';
import type { MetricsApi } from './metrics-api.ts';

const GROUP = 'metrics.k8s.io';
const ROOT = `/apis/${GROUP}`;

export interface JsonAnswer {
  readonly status: number;
  readonly body: object;
}

/** Answers a GET; undefined where the path is none of this API's. */
export function metricsApiAnswer(api: MetricsApi, pathAndQuery: string): JsonAnswer | undefined {
  const url = new URL(pathAndQuery, 'http://localhost');
  if (url.pathname !== ROOT && !url.pathname.startsWith(`${ROOT}/`)) return undefined;
  const parts = url.pathname.slice(ROOT.length).split('/').filter((part) => part !== '').map(decodeURIComponent); // prettier-ignore
  if (parts.length === 0) return { status: 200, body: GROUP_BODY };
  if (parts[0] !== 'v1beta1') return notFound();
  if (parts.length === 1) return { status: 200, body: RESOURCES_BODY };
  const found = read(api, parts.slice(1));
  if (found === undefined) return notFound();
  const selector = url.searchParams.get('labelSelector') ?? '';
  return { status: 200, body: isList(found) ? selected(found, selector) : found };
}

function read(api: MetricsApi, parts: readonly string[]): KubeList | KubeObject | undefined {
  const [first, second, third, fourth] = parts;
  if (first === 'nodes') return second === undefined ? api.nodes() : api.node(second);
  if (first === 'pods' && second === undefined) return api.pods();
  if (first !== 'namespaces' || second === undefined || third !== 'pods') return undefined;
  return fourth === undefined ? api.pods(second) : api.pod(second, fourth);
}

function isList(found: KubeList | KubeObject): found is KubeList {
  return 'items' in found;
}

function selected(list: KubeList, selector: string): KubeList {
  if (selector === '') return list;
  const matches = parseLabelSelector(selector);
  return { ...list, items: list.items.filter((item) => matches(labelsOf(item))) };
}

function notFound(): JsonAnswer {
  const message = 'the server could not find the requested resource';
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: 'NotFound',
    code: 404,
  };
  return { status: 404, body };
}

const VERSION = { groupVersion: `${GROUP}/v1beta1`, version: 'v1beta1' };
const GROUP_BODY = {
  kind: 'APIGroup',
  apiVersion: 'v1',
  name: GROUP,
  versions: [VERSION],
  preferredVersion: VERSION,
};
const RESOURCES_BODY = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: VERSION.groupVersion,
  resources: [
    { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] },
    { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
  ],
};
