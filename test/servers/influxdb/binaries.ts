/** Where a real InfluxDB is: KCLOUD_INFLUXD, or the user cache, into which it is built once from pinned Go modules. */
import { join } from 'node:path';
import { whyUnavailable } from '../../testenv/go-tools/availability.ts';
import { ensureGoTools } from '../../testenv/go-tools/build.ts';
import { binDirectory, type GoTools, missingBinaries } from '../../testenv/go-tools/go-tools.ts';

export const INFLUXDB: GoTools = {
  name: 'influxdb',
  module: 'github.com/influxdata/influxdb',
  moduleDirectory: join(import.meta.dirname, 'module'),
  binaries: { influxd: 'github.com/influxdata/influxdb/cmd/influxd' },
  tags: 'netgo osusergo',
  ldflags: (version) => `-X main.version=${version}`,
};

/** Looks without building. */
export function findInfluxd(): string | undefined {
  const given = process.env['KCLOUD_INFLUXD'] ?? '';
  if (given !== '') return given;
  return missingBinaries(INFLUXDB).length === 0 ? join(binDirectory(INFLUXDB), 'influxd') : undefined;
}

/** Finds it, or builds it into the cache (some minutes). Throws with the remedy where it can do neither. */
export async function ensureInfluxd(): Promise<string> {
  return findInfluxd() ?? join(await ensureGoTools(INFLUXDB), 'influxd');
}

/** Why there is none and none can be built, or undefined where one can be had. */
export function whyNoInfluxdb(): string | undefined {
  return findInfluxd() === undefined ? whyUnavailable(INFLUXDB) : undefined;
}
