/** A process that collects as fast as it can into the history named on its command line, until it is killed. */
import { UsageHistory } from '#adapters/metrics/embedded/history/usage-history.ts';

const STEP_MS = 30_000;
const [path = '', start = '0'] = process.argv.slice(2);
const history = UsageHistory.open(path);
const series = Array.from({ length: 50 }, (_, index) => ({
  workload: { kind: 'Deployment' as const, namespace: 'shop', name: `app-${String(index)}` },
  container: 'app',
}));

/** In step n every container uses n millicores and n MiB: whoever reads can tell what belongs together. */
for (let step = Number(start); ; step += 1) {
  const amount = (step % 4000) + 1;
  const row = {
    cpuMaxCores: amount / 1000,
    cpuMeanCores: amount / 1000,
    memoryMaxBytes: amount * 2 ** 20,
    memoryMeanBytes: amount * 2 ** 20,
    pods: 1,
  };
  const endMs = (step + 1) * STEP_MS;
  const restart = { kind: 'restart', atMs: endMs, uid: 'u', pod: 'p', count: 1 } as const;
  const [first] = series;
  history.record({
    endMs,
    usage: series.map((name) => [name, row] as const),
    incidents: first === undefined ? [] : [[first, restart]],
    states: [{ uid: 'u', container: 'app', restarts: step }],
    gone: [],
  });
  history.upkeep(endMs);
  process.stdout.write(`${String(step)}\n`);
}
