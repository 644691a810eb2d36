/** Removes a release whose hook nobody runs: its Job's pod waits for a node, and a process of ours does what it says. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Pod } from '#apis/kubernetes/builtin.ts';
import { PODS } from '#kube/client/builtin-types.ts';
import type { ControlPlane } from '../../testenv/control-plane/control-plane.ts';
import { eventually } from '../../testenv/processes/eventually.ts';
import { helm, RELEASE_NAMESPACE } from './helm.ts';

const MAIN = join(import.meta.dirname, '../../../src/main.ts');

export interface PlayedJob {
  readonly code: number;
  /** Both outputs of the command. */
  readonly output: string;
}

export interface Removal {
  readonly job: PlayedJob;
  /** Rejected where Helm failed. */
  readonly helm: PromiseSettledResult<string>;
}

/** `helm uninstall`, with the hook's command as a process under the account and with the arguments of its pod. */
export async function removeRelease(controlPlane: ControlPlane): Promise<Removal> {
  const { kubeconfigPath } = controlPlane;
  const removing = helm({ args: ['uninstall', 'kcloud', '--namespace', RELEASE_NAMESPACE], kubeconfigPath });
  const [helmSaid, played] = await Promise.allSettled([removing, playJob(controlPlane)]);
  if (played.status === 'rejected') throw played.reason;
  return { job: played.value, helm: helmSaid };
}

async function playJob(controlPlane: ControlPlane): Promise<PlayedJob> {
  const pod = await eventually("the hook's pod", async () => {
    const labelSelector = 'app=cost-optimizer-restore';
    const { items } = await controlPlane.client.list(PODS, { namespace: RELEASE_NAMESPACE, labelSelector });
    return items.find(({ status }) => status?.phase === 'Pending');
  });
  const account = pod.spec?.serviceAccountName ?? '';
  const kubeconfig = await controlPlane.serviceAccountKubeconfig(RELEASE_NAMESPACE, account);
  const played = await run([...(pod.spec?.containers[0]?.args ?? []), `--kubeconfig=${kubeconfig}`]);
  await end(controlPlane, pod, played.code === 0 ? 'Succeeded' : 'Failed');
  return played;
}

function run(args: readonly string[]): Promise<PlayedJob> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, output: stdout + stderr });
    });
  });
}

/** As a kubelet would report it. */
async function end({ client }: ControlPlane, pod: Pod, phase: 'Succeeded' | 'Failed'): Promise<void> {
  const key = { namespace: RELEASE_NAMESPACE, name: pod.metadata?.name ?? '' };
  await client.patch(PODS, key, { patch: 'merge', subresource: 'status', body: { status: { phase } } });
}
