/** Where exporters' series are read, and how. */
import type { PromqlClient } from '../../metrics/prometheus/client/promql-client.ts';

export interface ExporterReaderOptions {
  readonly client: PromqlClient;
  readonly matchers?: Readonly<Record<string, string>>;
  readonly shortestWindowMs: number;
}
