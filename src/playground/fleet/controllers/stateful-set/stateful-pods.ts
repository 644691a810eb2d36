/** The pods of a StatefulSet by their ordinal. */
import type { Pod, PodTemplateSpec, StatefulSet } from '#apis/kubernetes/builtin.ts';
import { isDeleting, labelsOf, nameOf } from '../../meta.ts';
import { isReady } from '../../resources.ts';
import { REVISION_LABEL } from '../revisions.ts';

export const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
export const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index';

/** Newer than the types: where ordinals begin (KEP-3335). */
export function firstOrdinal(set: StatefulSet): number {
  const spec = set.spec as { readonly ordinals?: { readonly start?: number } } | undefined;
  return spec?.ordinals?.start ?? 0;
}

export function ordinalOf(set: StatefulSet, pod: Pod): number | undefined {
  const prefix = `${nameOf(set)}-`;
  const text = nameOf(pod).startsWith(prefix) ? nameOf(pod).slice(prefix.length) : '';
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

export function revisionNameOf(pod: Pod | undefined): string | undefined {
  return pod === undefined ? undefined : labelsOf(pod)[REVISION_LABEL];
}

export function isHealthy(pod: Pod | undefined): boolean {
  return pod !== undefined && pod.status?.phase === 'Running' && isReady(pod) && !isDeleting(pod);
}

/** What the pod of an ordinal is made from. */
export function statefulDraft(
  set: StatefulSet,
  ordinal: number,
  made: { readonly template: PodTemplateSpec; readonly revision: string },
): {
  name: string;
  template: PodTemplateSpec;
  labels: Record<string, string>;
  spec: NonNullable<Pod['spec']>;
} {
  const name = `${nameOf(set)}-${ordinal}`;
  const labels = {
    [POD_NAME_LABEL]: name,
    [POD_INDEX_LABEL]: String(ordinal),
    [REVISION_LABEL]: made.revision,
  };
  const { serviceName } = set.spec ?? {};
  const spec = {
    containers: [],
    ...made.template.spec,
    hostname: name,
    ...(serviceName === undefined || serviceName === '' ? {} : { subdomain: serviceName }),
  };
  return { name, template: made.template, labels, spec };
}
