/** How long a container takes to get ready, to end by itself, and to stop. */
import type { Container, Pod } from '#apis/kubernetes/builtin.ts';
import { controllerOf } from '#apis/kubernetes/object.ts';
import { KcError } from '#errors/kc-error.ts';
import type { Random } from '#platform/random.ts';
import { annotationsOf, nameOf, namespaceOf } from '../meta.ts';
import { parseUsageProfile } from '../usage/usage-profile.ts';
import { type LifecycleProfile, USAGE_ANNOTATION } from '../usage/usage-schema.ts';
import { draw } from './timing.ts';

/** What a Job's pod takes where nothing says how long. */
const JOB_RUN_MS = [20_000, 120_000] as const;

export type ContainerKind = 'init' | 'sidecar' | 'main';

/** The pod's own lifecycle, or the error by which its annotation cannot be read. */
export function lifecycleOf(pod: Pod): LifecycleProfile | KcError {
  const text = annotationsOf(pod)[USAGE_ANNOTATION];
  if (text === undefined) return {};
  try {
    return parseUsageProfile(text, `pod ${namespaceOf(pod)}/${nameOf(pod)}`).lifecycle ?? {};
  } catch (error) {
    if (error instanceof KcError) return error;
    throw error;
  }
}

/** From the start of a container until it is ready: what the profile says, else what its probe needs to see it. */
export function startupMs(container: Container, lifecycle: LifecycleProfile, random: Random): number {
  if (lifecycle.startupSeconds !== undefined) return lifecycle.startupSeconds * 1000;
  const probe = container.readinessProbe;
  if (probe === undefined) return 0;
  const firstMs = Math.max(500, (probe.initialDelaySeconds ?? 0) * 1000);
  const more = Math.max(1, probe.successThreshold ?? 1) - 1;
  return firstMs + more * (probe.periodSeconds ?? 10) * 1000 + draw(random, [0, 500]);
}

/** When and how a container ends by itself; undefined where it runs until it is stopped. */
export function exitPlan(
  pod: Pod,
  lifecycle: LifecycleProfile,
  random: Random,
): { readonly afterMs: number; readonly exitCode: number } | undefined {
  const exitCode = lifecycle.exitCode ?? 0;
  if (lifecycle.runSeconds !== undefined) return { afterMs: lifecycle.runSeconds * 1000, exitCode };
  if (controllerOf(pod)?.kind === 'Job') return { afterMs: draw(random, JOB_RUN_MS), exitCode };
  return lifecycle.exitCode === undefined ? undefined : { afterMs: draw(random, [1000, 3000]), exitCode };
}

/** Whether a container that ended with this code is started again. */
export function isRestarted(pod: Pod, kind: ContainerKind, exitCode: number): boolean {
  const policy = pod.spec?.restartPolicy ?? 'Always';
  if (kind === 'sidecar') return true;
  if (kind === 'init') return exitCode !== 0 && policy !== 'Never';
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}
