/** Nodes that an exporter told of within the last hour and does not any more: its target is down, not the node idle. */
import type { PowerProblem } from '#domain/power/power.ts';
import type { PromqlClient } from '../../metrics/prometheus/client/promql-client.ts';
import { oneOf, selector } from '../../metrics/prometheus/usage/selectors.ts';
import type { ExporterReadings, Naming } from './exporter.ts';
import { EXPORTERS } from './exporters.ts';

export interface Look {
  readonly client: PromqlClient;
  readonly matchers: readonly string[];
  readonly atMs: number;
}

/** Rejects with SourceError. */
export async function absentNodes(
  { client, matchers, atMs }: Look,
  naming: Naming,
  now: ExporterReadings,
): Promise<readonly PowerProblem[]> {
  const names = EXPORTERS.flatMap(({ presence }) => presence);
  const wanted = selector([oneOf('__name__', names), ...matchers]);
  const { series } = await client.instant(`last_over_time(${wanted}[1h])`, atMs);
  const present = new Set(
    [...now.nodes, ...now.devices].flatMap(({ node, sources }) =>
      sources.map((source) => `${source} ${node}`),
    ),
  );
  const absent = new Map<string, PowerProblem>();
  for (const { labels } of series) {
    const source =
      EXPORTERS.find(({ presence }) => presence.includes(labels['__name__'] ?? ''))?.source ?? '';
    const { node, isListed } = naming.nodes.nodeOf(labels);
    if (node === undefined || !isListed || present.has(`${source} ${node}`)) continue;
    const message = `${source} told of it within the last hour and does not any more: see whether its target is up`;
    absent.set(`${source} ${node}`, { subject: node, reason: 'Stale', message });
  }
  return [...absent.values()];
}
