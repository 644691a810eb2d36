/** `kcloud restore`: gives every workload back as it was, which is what to do before KCloud is removed. */
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { Discovery } from '#kube/discovery/discovery.ts';
import { SystemClock } from '#platform/clock.ts';
import { clusterFlags, connectCluster } from '../cli/cluster.ts';
import { defineCommand } from '../cli/command.ts';
import { defineFlags } from '../cli/flags.ts';
import { restoreWorkloads } from './restore-workloads.ts';

const flags = defineFlags({
  ...clusterFlags,
  'timeout-seconds': { type: 'number', default: 300, min: 1, describe: 'how long to wait for the workloads' },
});

export const restoreCommand = defineCommand({
  name: 'restore',
  summary: 'Delete every CostOptimization and wait until each workload is as it was.',
  usage: [
    'kcloud restore [-n <namespace>] [--timeout-seconds <seconds>]',
    '',
    'The operator must be running: it restores. Ends with 1 where anything is left. The Helm chart runs it before it goes.',
  ].join('\n'),
  flags,
  run: async ({ values }, { terminal }) => {
    const { client, server } = await connectCluster(values);
    const clock = new SystemClock();
    if (!(await new Discovery(client, clock).offers(COST_OPTIMIZATIONS))) {
      terminal.write(`nothing to restore: ${server} knows no CostOptimization\n`);
      return 0;
    }
    const restored = await restoreWorkloads({
      client,
      clock,
      namespace: values.namespace,
      timeoutMs: values['timeout-seconds'] * 1000,
      progress: (left) => {
        terminal.note(`${String(left)} left to restore\n`);
      },
    });
    terminal.write(`restored what ${String(restored)} CostOptimizations had changed\n`);
    return 0;
  },
});
