/** How fast a size may change: stabilization windows and policies of `spec.behavior`. Pure. */
import type { HorizontalPodAutoscaler } from '#apis/kubernetes/builtin.ts';

type Behavior = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']>['behavior']>;
export type ScalingRules = NonNullable<Behavior['scaleUp']> & { readonly tolerance?: string };

/** A past proposal or change of size. */
export interface SizeRecord {
  readonly atMs: number;
  readonly replicas: number;
}

export interface BehaviorInput {
  readonly current: number;
  readonly wished: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly behavior: Behavior | undefined;
  /** What was proposed lately, this time included. */
  readonly proposals: readonly SizeRecord[];
  /** By how much the size changed lately: `replicas` is the change, negative for shrinking. */
  readonly changes: readonly SizeRecord[];
  readonly nowMs: number;
}

export interface BoundedSize {
  readonly replicas: number;
  /** Reason and message of the condition ScalingLimited; undefined where nothing limited it. */
  readonly limit: { readonly reason: string; readonly message: string } | undefined;
  /** A stabilization window held the size back. */
  readonly stabilized: 'up' | 'down' | undefined;
}

const DEFAULT_UP: ScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const DEFAULT_DOWN: ScalingRules = {
  stabilizationWindowSeconds: 300,
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
};

export function rulesOf(behavior: Behavior | undefined): {
  readonly up: ScalingRules;
  readonly down: ScalingRules;
} {
  return { up: { ...DEFAULT_UP, ...behavior?.scaleUp }, down: { ...DEFAULT_DOWN, ...behavior?.scaleDown } };
}

export function boundSize(input: BehaviorInput): BoundedSize {
  const { up, down } = rulesOf(input.behavior);
  const stable = stabilize(input, up, down);
  const limited = stable > input.current ? limitUp(input, stable, up) : limitDown(input, stable, down);
  const stabilized = stable === input.wished ? undefined : stable < input.wished ? 'up' : 'down';
  return { ...limited, stabilized };
}

/** Growing waits for the lowest proposal of its window, shrinking for the highest of its own. */
function stabilize(input: BehaviorInput, up: ScalingRules, down: ScalingRules): number {
  const lowest = Math.min(input.wished, ...proposedWithin(input, up));
  const highest = Math.max(input.wished, ...proposedWithin(input, down));
  if (input.current < lowest) return lowest;
  return input.current > highest ? highest : input.current;
}

/** What was proposed within the window of the rules; the newest proposals are the last. */
function proposedWithin({ proposals, nowMs }: BehaviorInput, rules: ScalingRules): readonly number[] {
  const sinceMs = nowMs - (rules.stabilizationWindowSeconds ?? 0) * 1000;
  const first = proposals.findLastIndex(({ atMs }) => atMs <= sinceMs) + 1;
  return proposals.slice(first).map(({ replicas }) => replicas);
}

type Limited = Omit<BoundedSize, 'stabilized'>;

function limitUp(input: BehaviorInput, wished: number, rules: ScalingRules): Limited {
  const rate = rateLimit(input, rules, 'up');
  const most = Math.min(rate, input.maxReplicas);
  if (wished <= most) return { replicas: wished, limit: undefined };
  const limit =
    input.maxReplicas <= rate
      ? {
          reason: 'TooManyReplicas',
          message: 'the desired replica count is more than the maximum replica count',
        }
      : {
          reason: 'ScaleUpLimit',
          message: 'the desired replica count is increasing faster than the maximum scale rate',
        };
  return { replicas: Math.max(most, Math.min(input.current, input.maxReplicas)), limit };
}

function limitDown(input: BehaviorInput, wished: number, rules: ScalingRules): Limited {
  const rate = wished < input.current ? rateLimit(input, rules, 'down') : 0;
  const least = Math.max(rate, input.minReplicas);
  if (wished > input.maxReplicas) {
    const message = 'the desired replica count is more than the maximum replica count';
    return { replicas: input.maxReplicas, limit: { reason: 'TooManyReplicas', message } };
  }
  if (wished >= least) return { replicas: wished, limit: undefined };
  const limit =
    input.minReplicas >= rate
      ? {
          reason: 'TooFewReplicas',
          message: 'the desired replica count is less than the minimum replica count',
        }
      : {
          reason: 'ScaleDownLimit',
          message: 'the desired replica count is decreasing faster than the maximum scale rate',
        };
  return { replicas: least, limit };
}

/** The size that the policies allow, counted from the size at the beginning of each policy's period. */
function rateLimit(input: BehaviorInput, rules: ScalingRules, direction: 'up' | 'down'): number {
  const isUp = direction === 'up';
  if (rules.selectPolicy === 'Disabled') return input.current;
  const limits = (rules.policies ?? []).map(({ type, value, periodSeconds }) => {
    const changed = input.changes
      .filter(({ atMs, replicas }) => atMs > input.nowMs - periodSeconds * 1000 && replicas > 0 === isUp)
      .reduce((sum, { replicas }) => sum + replicas, 0);
    const before = input.current - changed;
    if (type === 'Pods') return isUp ? before + value : before - value;
    return isUp ? Math.ceil(before * (1 + value / 100)) : Math.floor(before * (1 - value / 100));
  });
  const wantsWide = rules.selectPolicy !== 'Min';
  if (limits.length === 0) return isUp ? Infinity : 0;
  return isUp === wantsWide ? Math.max(...limits) : Math.min(...limits);
}
