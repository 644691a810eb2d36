/**
 * How many pods of one workload run on spot nodes, and what makes kube-scheduler keep to it.
 *
 * A preference alone moves every pod. With a hard spread constraint over the capacity label beside it, the preferred
 * kind runs at most `maxSkew` pods ahead of the other: for a split of s spot and d on-demand pods (s ≥ d) that is
 * s − d. Both hold from the moment that pods are scheduled; pods that run are never moved by them.
 *
 * What one workload cannot do: keep more than half of its pods on-demand for certain. Then the preferred kind is
 * on-demand, the constraint bounds *it*, and nothing but a preference keeps pods off spot nodes.
 */

export interface Split {
  readonly spot: number;
  readonly onDemand: number;
}

/** What a pod template says about capacity. */
export interface SplitRule {
  readonly prefer: 'spot' | 'on-demand';
  /** How far the preferred kind may run ahead; undefined without a constraint. */
  readonly maxSkew: number | undefined;
}

/** Pods that stay on-demand of `replicas`, from a count or a percentage (rounded up). */
export function floorOf(minOnDemand: number | string, replicas: number): number {
  const text = String(minOnDemand);
  const wanted = text.endsWith('%')
    ? Math.ceil((Number(text.slice(0, -1)) / 100) * replicas - 1e-9)
    : Number(text);
  return Math.min(Math.max(wanted, 0), replicas);
}

/** The rule that leads to a split. */
export function ruleFor({ spot, onDemand }: Split): SplitRule {
  if (spot < onDemand) return { prefer: 'on-demand', maxSkew: spot === 0 ? undefined : onDemand - spot };
  return { prefer: 'spot', maxSkew: onDemand === 0 ? undefined : Math.max(1, spot - onDemand) };
}

/** The split that a rule leads to where both kinds of nodes have room. */
export function splitUnder({ prefer, maxSkew }: SplitRule, replicas: number): Split {
  const lesser = maxSkew === undefined ? 0 : Math.max(0, Math.ceil((replicas - maxSkew) / 2));
  const greater = replicas - lesser;
  return prefer === 'spot' ? { spot: greater, onDemand: lesser } : { spot: lesser, onDemand: greater };
}

/** The next split on the way to `target`: at most `maxChangePercent` of all pods move at once, at least one. */
export function stepTowards(present: Split, target: Split, maxChangePercent: number): Split {
  const replicas = target.spot + target.onDemand;
  const most = Math.max(1, Math.floor((replicas * maxChangePercent) / 100 + 1e-9));
  const spot = Math.min(Math.max(target.spot, present.spot - most), present.spot + most);
  return { spot, onDemand: replicas - spot };
}
