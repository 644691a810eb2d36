/** What a DaemonSet does next: a pod where one is missing, none where none belongs, new for old. Pure. */
import type { DaemonSet, Node, Pod } from '#apis/kubernetes/builtin.ts';
import { createdMs, isDeleting, labelsOf, nameOf } from '../../meta.ts';
import { isFinished } from '../../resources.ts';
import { isAvailable } from '../pod-control.ts';
import { REVISION_LABEL } from '../revisions.ts';
import { resolveCount } from '../writing.ts';
import { nodeNameOf, placesOf } from './daemon-nodes.ts';

export interface DaemonView {
  readonly set: DaemonSet;
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  /** The hash of the current template. */
  readonly hash: string;
  readonly nowMs: number;
}

export interface DaemonStep {
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
}

/** What runs on one node. */
interface Post {
  readonly nodeName: string;
  readonly mayRun: boolean;
  readonly mayStay: boolean;
  readonly pods: readonly Pod[];
}

export function planDaemonSet(view: DaemonView): DaemonStep {
  const posts = postsOf(view);
  const known = new Set(view.nodes.map(nameOf));
  const stranded = view.pods.filter((pod) => !known.has(nodeNameOf(pod) ?? '') && !isDeleting(pod));
  const create = posts.filter((post) => post.mayRun && post.pods.length === 0).map((post) => post.nodeName);
  const failed = posts.flatMap((post) => post.pods).filter(isFinished);
  const misplaced = posts.filter((post) => !post.mayStay).flatMap((post) => post.pods);
  const remove = [...new Set([...stranded, ...misplaced, ...failed])].filter((pod) => !isDeleting(pod));
  if (view.set.spec?.updateStrategy?.type === 'OnDelete') return { create, remove };
  const update = planUpdate(view, posts.filter((post) => post.mayStay), remove); // prettier-ignore
  return { create: [...create, ...update.create], remove: [...remove, ...update.remove] };
}

function postsOf(view: DaemonView): readonly Post[] {
  return view.nodes.map((node) => ({
    nodeName: nameOf(node),
    ...placesOf(view.set, node),
    pods: view.pods
      .filter((pod) => nodeNameOf(pod) === nameOf(node))
      .toSorted((a, b) => createdMs(a) - createdMs(b)),
  }));
}

/** Old pods give way within maxUnavailable; with maxSurge the new one comes first. */
function planUpdate(view: DaemonView, posts: readonly Post[], leaving: readonly Pod[]): DaemonStep {
  const { maxSurge = 0, maxUnavailable = 1 } = view.set.spec?.updateStrategy?.rollingUpdate ?? {};
  const surge = resolveCount(maxSurge, posts.length, 'up');
  return surge > 0
    ? planSurge(view, posts, surge)
    : planReplace(view, posts, { leaving, budget: resolveCount(maxUnavailable, posts.length, 'up') });
}

function isNew(view: DaemonView, pod: Pod): boolean {
  return labelsOf(pod)[REVISION_LABEL] === view.hash;
}

function isUp(view: DaemonView, pod: Pod): boolean {
  return !isDeleting(pod) && isAvailable(pod, view.set.spec?.minReadySeconds ?? 0, view.nowMs);
}

function planReplace(
  view: DaemonView,
  posts: readonly Post[],
  { leaving, budget }: { readonly leaving: readonly Pod[]; readonly budget: number },
): DaemonStep {
  const unavailable = posts.filter(
    (post) => !post.pods.some((pod) => isUp(view, pod) && !leaving.includes(pod)),
  );
  const old = posts
    .flatMap((post) => post.pods)
    .filter((pod) => !isNew(view, pod) && !isDeleting(pod) && !leaving.includes(pod));
  const down = old.filter((pod) => !isUp(view, pod));
  const up = old.filter((pod) => isUp(view, pod));
  return { create: [], remove: [...down, ...up.slice(0, Math.max(0, budget - unavailable.length))] };
}

function planSurge(view: DaemonView, posts: readonly Post[], surge: number): DaemonStep {
  const outdated = posts.filter((post) => post.pods.some((pod) => !isNew(view, pod) && !isDeleting(pod)));
  const surging = outdated.filter((post) => post.pods.some((pod) => isNew(view, pod)));
  const replaced = surging.filter((post) => post.pods.some((pod) => isNew(view, pod) && isUp(view, pod)));
  const remove = replaced.flatMap((post) => post.pods).filter((pod) => !isNew(view, pod) && !isDeleting(pod));
  const waiting = outdated.filter((post) => !surging.includes(post));
  const room = Math.max(0, surge - (surging.length - replaced.length));
  return { create: waiting.slice(0, room).map((post) => post.nodeName), remove };
}
