/** A namespace of its own for each story, with a history of what happens in it. */
import { NAMESPACES } from '#kube/client/builtin-types.ts';
import type { ApiTarget } from '#test/testenv/targets/api-target.ts';
import { ClusterHistory } from './cluster-history.ts';

export interface Stage {
  readonly target: ApiTarget;
  readonly namespace: string;
  readonly history: ClusterHistory;
}

/** Runs a story in a fresh namespace; the watch ends with it. */
export async function onStage(
  target: ApiTarget,
  name: string,
  story: (stage: Stage) => Promise<void>,
): Promise<void> {
  await target.client.create(NAMESPACES, { metadata: { name } });
  const history = await ClusterHistory.of(target.client, name);
  try {
    await story({ target, namespace: name, history });
  } finally {
    await history.stop();
  }
}
