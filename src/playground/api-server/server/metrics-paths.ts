/** metrics.k8s.io/v1beta1: what `kubectl top` and autoscalers read, from whoever measures the cluster. */
import type { KubeList, KubeObject } from '#apis/kubernetes/object.ts';
import type { AggregatedGroup } from '../discovery/discovery.ts';
import { labelsOf, parseLabelSelector } from '../selectors/label-selector.ts';
import { type ResourcePath, parseResourcePath } from '../wire/request-info.ts';
import { jsonResponse } from '../wire/response.ts';
import { notFound, pathNotFound } from '../wire/status-error.ts';
import type { PathHandler } from './dispatcher.ts';

const GROUP = 'metrics.k8s.io';
const VERSION = 'v1beta1';

/** Measures the cluster. Lists are NodeMetricsList and PodMetricsList, as metrics-server answers them. */
export interface MetricsProvider {
  nodes(): KubeList;
  node(name: string): KubeObject | undefined;
  /** Those of one namespace, or of all. */
  pods(namespace?: string): KubeList;
  pod(namespace: string, name: string): KubeObject | undefined;
}

const VERBS = ['get', 'list'];

/** As discovery lists it. */
export const METRICS_GROUP: AggregatedGroup = {
  group: GROUP,
  version: VERSION,
  resources: [
    { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs: VERBS },
    { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: VERBS },
  ],
};

/** Answers with what the provider of the moment says; nothing where there is none. */
export function metricsPaths(provider: () => MetricsProvider | undefined): PathHandler {
  return ({ path, query, method }) => {
    const target = parseResourcePath(path);
    const metrics = provider();
    if (metrics === undefined || target?.group !== GROUP || target.version !== VERSION) return undefined;
    if (method !== 'GET') throw pathNotFound();
    const found = read(metrics, target);
    const selector = query.get('labelSelector') ?? '';
    return jsonResponse(200, JSON.stringify('items' in found ? selected(found, selector) : found));
  };
}

function read(metrics: MetricsProvider, target: ResourcePath): KubeList | KubeObject {
  const { plural, namespace, name } = target;
  if (plural !== 'nodes' && plural !== 'pods') throw pathNotFound();
  const isNodes = plural === 'nodes';
  if (name === '') return isNodes ? metrics.nodes() : metrics.pods(namespace === '' ? undefined : namespace);
  const found = isNodes ? metrics.node(name) : metrics.pod(namespace, name);
  if (found !== undefined) return found;
  throw notFound({ group: GROUP, plural }, isNodes ? name : `${namespace}/${name}`);
}

function selected(list: KubeList, selector: string): KubeList {
  if (selector === '') return list;
  const matches = parseLabelSelector(selector);
  return { ...list, items: list.items.filter((item) => matches(labelsOf(item))) };
}
