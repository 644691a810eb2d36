/** Power of now. */
import { Type } from 'typebox';
import { PowerContainersAnswer, PowerCurrentAnswer, PowerNodesAnswer } from '#apis/estimator-api/power.ts';
import type { ContainerPower, PowerSnapshot } from '#domain/power/power.ts';
import { HOUR_MS, MINUTE_MS, formatDuration, parseDuration } from '#domain/units/duration.ts';
import { json, JSON_TYPE, jsonText, type Reply } from '../../rest/reply.ts';
import { defineRoute, type Route } from '../../rest/route.ts';
import { containersJson, nodeAnswers, totalAnswer, wattsOf } from '../answers/power-answer.ts';
import { isoTime } from '../answers/evidence-answer.ts';
import { PageQuery, pageOf } from '../pages.ts';
import { type ContainerFilter, selectContainers } from '../selection.ts';
import type { RouteParts } from './parts.ts';

export const Namespace = Type.Optional(
  Type.String({ minLength: 1, maxLength: 63, description: 'Only this namespace.' }),
);
export const Workload = Type.Optional(
  Type.String({ minLength: 1, maxLength: 253, description: 'Only pods whose name contains it.' }),
);
const Node = Type.Optional(Type.String({ minLength: 1, maxLength: 253, description: 'Only this node.' }));

const CURRENT_LIMIT = 1000;
const CONTAINERS_LIMIT = 100;
const NO_CONTAINER = 'no container that matches is known';

export function powerRoutes(parts: RouteParts): Route[] {
  return [currentRoute(parts), containersRoute(parts), nodesRoute(parts)];
}

function currentRoute({ readings, clock }: RouteParts): Route {
  return defineRoute({
    method: 'GET',
    url: '/power/current',
    summary: 'What containers draw now, in watts.',
    access: 'read',
    query: Type.Object({
      workload: Workload,
      namespace: Namespace,
      time_range: Type.Optional(
        Type.String({
          maxLength: 10,
          description: 'Over which counters become watts, 30s to 1h; where absent as the service is set.',
        }),
      ),
      ...PageQuery,
    }),
    answers: { 200: { description: 'The containers.', schema: PowerCurrentAnswer } },
    handle: async ({ query }) => {
      const windowMs = query.time_range === undefined ? readings.windowMs : windowOf(query.time_range);
      const snapshot = await readings.current(windowMs);
      const { page, found } = pageIn(snapshot, query, CURRENT_LIMIT);
      const times = { atMs: snapshot.atMs, nowMs: clock.now() };
      return withList('data', containersJson(page.items, times), {
        total: totalAnswer(found.map(wattsOf), NO_CONTAINER),
        timestamp: isoTime(snapshot.atMs),
        time_range: formatDuration(windowMs),
        next: page.next ?? null,
        problems: snapshot.problems,
      });
    },
  });
}

function windowOf(text: string): number {
  return parseDuration(text, { field: 'query.time_range', minMs: MINUTE_MS / 2, maxMs: HOUR_MS });
}

function containersRoute({ readings, clock }: RouteParts): Route {
  return defineRoute({
    method: 'GET',
    url: '/power/containers',
    summary: 'Containers with their power, page by page.',
    access: 'read',
    query: Type.Object({ namespace: Namespace, workload: Workload, node: Node, ...PageQuery }),
    answers: { 200: { description: 'A page of containers.', schema: PowerContainersAnswer } },
    handle: async ({ query }) => {
      const snapshot = await readings.current();
      const { page, found } = pageIn(snapshot, query, CONTAINERS_LIMIT);
      const times = { atMs: snapshot.atMs, nowMs: clock.now() };
      return withList('containers', containersJson(page.items, times), {
        count: page.items.length,
        total_count: found.length,
        total: totalAnswer(found.map(wattsOf), NO_CONTAINER),
        timestamp: isoTime(snapshot.atMs),
        next: page.next ?? null,
        problems: snapshot.problems,
      });
    },
  });
}

/** A list that is JSON already, and what stands beside it. */
function withList(name: string, list: string, rest: object): Reply {
  return { status: 200, contentType: JSON_TYPE, body: `{"${name}":${list},${jsonText(rest).slice(1)}` };
}

interface PageAsked extends ContainerFilter {
  readonly limit?: number;
  readonly after?: string;
}

function pageIn(snapshot: PowerSnapshot, asked: PageAsked, byDefault: number) {
  const found = selectContainers(sorted(snapshot), asked);
  return { found, page: pageOf(found, { ...asked, keyOf, byDefault }) };
}

/** Sorted once for all who ask for the same snapshot. */
const SORTED = new WeakMap<PowerSnapshot, readonly ContainerPower[]>();

function sorted(snapshot: PowerSnapshot): readonly ContainerPower[] {
  const known = SORTED.get(snapshot);
  if (known !== undefined) return known;
  const made = [...snapshot.containers].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  SORTED.set(snapshot, made);
  return made;
}

function keyOf({ namespace, pod, container }: ContainerPower): string {
  return `${namespace}/${pod}/${container}`;
}

function nodesRoute({ readings, clock }: RouteParts): Route {
  return defineRoute({
    method: 'GET',
    url: '/power/nodes',
    summary: 'Nodes with their power, their devices, and what no container accounts for.',
    access: 'read',
    query: Type.Object({ node: Node }),
    answers: { 200: { description: 'The nodes.', schema: PowerNodesAnswer } },
    handle: async ({ query: { node } }) => {
      const snapshot = await readings.current();
      const nodes = nodeAnswers(snapshot, clock.now()).filter(
        ({ node_name }) => (node ?? node_name) === node_name,
      );
      return json({
        nodes,
        count: nodes.length,
        total: totalAnswer(
          nodes.map(({ power_watts }) => power_watts),
          'no node that matches is known',
        ),
        timestamp: isoTime(snapshot.atMs),
        problems: snapshot.problems,
      });
    },
  });
}
