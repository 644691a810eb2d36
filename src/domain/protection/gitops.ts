/** Who else writes a workload's manifest: a change would be reverted, or fight, on the next sync. */

type Labels = Readonly<Record<string, string>> | undefined;

/**
 * The GitOps tool that manages an object, by the marks it leaves, or undefined.
 * Argo CD: the tracking annotation or instance label (docs: resource tracking). Flux: the labels of its
 * kustomize- and helm-controller.
 */
export function gitOpsOwner(labels: Labels, annotations: Labels): string | undefined {
  const tracking = annotations?.['argocd.argoproj.io/tracking-id'] ?? labels?.['argocd.argoproj.io/instance'];
  if (tracking !== undefined) return `Argo CD (${tracking.split(':')[0] ?? tracking})`;
  const kustomization = labels?.['kustomize.toolkit.fluxcd.io/name'];
  if (kustomization !== undefined) return `Flux Kustomization ${kustomization}`;
  const release = labels?.['helm.toolkit.fluxcd.io/name'];
  return release === undefined ? undefined : `Flux HelmRelease ${release}`;
}
