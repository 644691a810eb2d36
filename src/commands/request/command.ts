/** `kcloud approve | rollback | accept`: what a person asks of one CostOptimization. Each sets a request annotation. */
import {
  ACCEPT,
  APPROVE,
  type CostOptimization,
  ROLL_BACK,
} from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { blockedDespiteApproval } from '#domain/recommendation/eligibility.ts';
import { KcError } from '#errors/kc-error.ts';
import { rfc3339 } from '#platform/clock.ts';
import { clusterFlags, connectCluster } from '../cli/cluster.ts';
import { type Command, defineCommand } from '../cli/command.ts';
import { nameOf } from '../explain/command.ts';

interface Request {
  readonly name: string;
  readonly summary: string;
  readonly annotation: string;
  /** The value that is carried out once; throws where there is nothing to ask for. */
  readonly value: (optimization: CostOptimization, nowMs: number) => string;
  readonly done: (optimization: CostOptimization) => string;
}

function requestCommand(request: Request): Command {
  return defineCommand({
    name: request.name,
    summary: request.summary,
    usage: `kcloud ${request.name} <name> [-n <namespace>]`,
    flags: clusterFlags,
    run: async ({ values, positionals }, { terminal }) => {
      const { client, namespace } = await connectCluster(values);
      const key = { namespace, name: nameOf(positionals) };
      const optimization = await client.get(COST_OPTIMIZATIONS, key);
      const value = request.value(optimization, Date.now());
      const body = { metadata: { annotations: { [request.annotation]: value } } };
      await client.patch(COST_OPTIMIZATIONS, key, { patch: 'merge', body, fieldManager: 'kcloud' });
      terminal.write(
        `${request.done(optimization)}; watch it with: kubectl get costopt ${key.name} -n ${namespace} -w\n`,
      );
      return 0;
    },
  });
}

export const approveCommand = requestCommand({
  name: 'approve',
  summary: 'Apply the recommendation at hand, once, without autoApply.',
  annotation: APPROVE,
  value: ({ metadata, status }) => {
    const id = status?.currentRecommendation?.id;
    if (id !== undefined) return id;
    throw new KcError('KC_CONFIG_INVALID', {
      object: `costoptimization ${metadata.namespace ?? ''}/${metadata.name ?? ''}`,
      problem: 'has no recommendation to approve',
      fix: `see why with: kcloud explain ${metadata.name ?? ''}`,
    });
  },
  done: ({ status }) => {
    const left = blockedDespiteApproval(status?.currentRecommendation?.blockedBy ?? []);
    return left.length === 0 ? 'approved' : `approved, but an approval does not open ${left.join('; ')}`;
  },
});

export const rollbackCommand = requestCommand({
  name: 'rollback',
  summary: 'Give the workload back as it was before the first change.',
  annotation: ROLL_BACK,
  value: (_optimization, nowMs) => rfc3339(nowMs),
  done: () => 'rollback asked for',
});

export const acceptCommand = requestCommand({
  name: 'accept',
  summary: 'Make the change permanent and forget the original.',
  annotation: ACCEPT,
  value: (_optimization, nowMs) => rfc3339(nowMs),
  done: () => 'accepted',
});
