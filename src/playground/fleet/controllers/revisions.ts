/** ControllerRevisions: the history of the templates of StatefulSets and DaemonSets. */
import type { ControllerRevision, PodTemplateSpec } from '#apis/kubernetes/builtin.ts';
import { type KubeObject, keyOf } from '#apis/kubernetes/object.ts';
import { isAlreadyExists, isNotFound } from '#kube/client/api-error.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import type { FleetContext } from '../fleet-context.ts';
import { CONTROLLER_REVISIONS } from '../fleet-indexes.ts';
import { nameOf, namespaceOf, uidOf } from '../meta.ts';
import { stableText, templateHash } from '../naming.ts';
import { controllerReference } from './writing.ts';

export const REVISION_LABEL = 'controller-revision-hash';

export interface RevisionOwner {
  readonly context: FleetContext;
  readonly type: ResourceType;
  readonly owner: KubeObject;
  readonly template: PodTemplateSpec;
}

/** The stored form of a template, from which it can be restored. */
function revisionData(template: PodTemplateSpec): { readonly spec: { readonly template: unknown } } {
  return { spec: { template: { ...template, $patch: 'replace' } } };
}

/** The template that a revision keeps. */
export function templateOf(revision: ControllerRevision | undefined): PodTemplateSpec | undefined {
  const data = revision?.data as { readonly spec?: { readonly template?: PodTemplateSpec } } | undefined;
  if (data?.spec?.template === undefined) return undefined;
  const { $patch: _patch, ...template } = data.spec.template as PodTemplateSpec & {
    readonly $patch?: string;
  };
  return template;
}

/** The revision of the template as it is now; made, or moved to the top of the history, where needed. */
export async function currentRevision(request: RevisionOwner): Promise<ControllerRevision> {
  const { context, owner, template } = request;
  const known = context.indexes.revisionsByOwner.get(uidOf(owner));
  const highest = Math.max(0, ...known.map((revision) => revision.revision));
  const data = revisionData(template);
  const same = known.find((revision) => stableText(revision.data) === stableText(data));
  if (same === undefined) return createRevision(request, { known, data, number: highest + 1 });
  if (same.revision === highest) return same;
  return context.access.mergePatch(CONTROLLER_REVISIONS, keyOf(same), { body: { revision: highest + 1 } });
}

async function createRevision(
  { context, type, owner, template }: RevisionOwner,
  { known, data, number }: { known: readonly ControllerRevision[]; data: object; number: number },
): Promise<ControllerRevision> {
  const hash = templateHash(template);
  const revision: ControllerRevision = {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${nameOf(owner)}-${hash}`,
      namespace: namespaceOf(owner),
      labels: { ...template.metadata?.labels, [REVISION_LABEL]: hash },
      ownerReferences: [controllerReference(type, owner)],
    },
    data,
    revision: number,
  };
  try {
    return await context.access.create(CONTROLLER_REVISIONS, revision);
  } catch (error) {
    const existing = known.find((candidate) => nameOf(candidate) === nameOf(revision));
    if (!isAlreadyExists(error) || existing === undefined) throw error;
    return existing;
  }
}

/** Drops the oldest revisions that nothing uses, beyond the limit. */
export async function dropOldRevisions(
  { context, owner }: RevisionOwner,
  inUse: ReadonlySet<string>,
  limit: number,
): Promise<void> {
  const unused = context.indexes.revisionsByOwner
    .get(uidOf(owner))
    .filter((revision) => !inUse.has(nameOf(revision)))
    .toSorted((a, b) => a.revision - b.revision);
  for (const revision of unused.slice(0, Math.max(0, unused.length - limit))) {
    await context.access.delete(CONTROLLER_REVISIONS, keyOf(revision)).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
}
