/** What `make testenv` makes ready besides the control plane. A test server from a Go module adds itself here. */
import { ensureInfluxd, findInfluxd } from '../../servers/influxdb/binaries.ts';
import { ensurePrometheus, findPrometheus } from '../../servers/prometheus/binaries.ts';
import { ensureHelm, findHelm } from './helm.ts';

export interface FurtherServer {
  readonly name: string;
  /** The path of its binary, or undefined where it would have to be built. */
  find(): string | undefined;
  /** Builds it where it is not found. */
  ensure(): Promise<string>;
}

export const FURTHER_SERVERS: readonly FurtherServer[] = [
  {
    name: 'prometheus',
    find: () => findPrometheus()?.prometheus,
    ensure: async () => (await ensurePrometheus()).prometheus,
  },
  { name: 'influxdb', find: findInfluxd, ensure: ensureInfluxd },
  { name: 'helm', find: findHelm, ensure: ensureHelm },
];
