/** What a kubelet would say of pods, where none runs: that they are up, with the sizes that they ask for. */
import type { Pod } from '#apis/kubernetes/builtin.ts';
import { PODS } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';

/** `status` of a pod whose containers all run. */
export function runningStatus({ spec, metadata }: Pod): unknown {
  const at = metadata?.creationTimestamp;
  const conditions = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: at,
  }));
  return {
    phase: 'Running',
    startTime: at,
    observedGeneration: metadata?.generation,
    conditions,
    containerStatuses: (spec?.containers ?? []).map(({ name, image, resources }) => ({
      name,
      image,
      imageID: 'sha256:0',
      containerID: `bench://${metadata?.uid ?? ''}`,
      ready: true,
      started: true,
      restartCount: 0,
      state: { running: { startedAt: at } },
      allocatedResources: resources?.requests,
      resources,
    })),
  };
}

export async function markRunning(client: KubeClient, pod: Pod): Promise<void> {
  const { namespace = '', name = '' } = pod.metadata ?? {};
  const body = { status: runningStatus(pod) };
  await client.patch(PODS, { namespace, name }, { patch: 'merge', subresource: 'status', body });
}
