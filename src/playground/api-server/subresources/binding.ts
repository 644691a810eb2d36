/** `pods/binding`: how a scheduler gives a pod its node. */
import { admitAction } from '../admission/action-admission.ts';
import { type JsonObject, asList, asObject, isEmptyObject, objectAt, textAt, without } from '../json/json.ts';
import { withField } from '../resources/kind-rules.ts';
import { type ApiObject, storageKey, withMeta } from '../storage/api-object.ts';
import { notSupported, required } from '../validation/field-error.ts';
import type { Call } from '../wire/call.ts';
import { StatusError, badRequest, conflict, notFound } from '../wire/status-error.ts';
import type { ServerParts } from '../writes/write-parts.ts';
import { withPodCondition } from './pod-condition.ts';

const PODS = { group: '', plural: 'pods' };

/** What a Binding asks for. */
interface BindingRequest {
  readonly nodeName: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

type Texts = Readonly<Record<string, string>>;

/** Reads a Binding. Throws a StatusError where it makes no sense. */
function readBinding(binding: JsonObject, name: string): BindingRequest {
  if (textAt(binding, 'metadata', 'name') !== name) {
    throw badRequest('name in URL does not match name in Binding object');
  }
  const kind = textAt(binding, 'target', 'kind');
  const nodeName = textAt(binding, 'target', 'name');
  const errors = [
    ...(kind === '' || kind === 'Node' ? [] : [notSupported('target.kind', kind, ['Node', '<empty>'])]),
    ...(nodeName === '' ? [required('target.name')] : []),
  ];
  const [error] = errors;
  // Not as a list of errors: the server's own code returns the plain text.
  if (error !== undefined) throw new StatusError(500, '', { message: `${error.field}: ${error.body}` });
  return {
    nodeName,
    annotations: objectAt(binding, 'metadata', 'annotations') as Texts,
    labels: objectAt(binding, 'metadata', 'labels') as Texts,
  };
}

/** Admits a Binding and carries it out. */
export async function postBinding(parts: ServerParts, call: Call, binding: JsonObject): Promise<void> {
  const admitted = await admitAction(parts, call, binding);
  bindPod(parts, call, readBinding(admitted, call.name));
}

/** Gives the pod of a call its node. Throws Conflict where it has one already. */
function bindPod(parts: ServerParts, call: Call, request: BindingRequest): void {
  const pod = parts.store.collection(PODS).get(storageKey(call.namespace, call.name));
  if (pod === undefined) throw notFound(PODS, call.name);
  const problem = whyNot(pod);
  if (problem !== undefined) throw conflict({ group: '', plural: 'pods/binding' }, call.name, problem);
  if (!call.dryRun) parts.store.update(PODS, pod, bound(parts, pod, request));
}

function whyNot(pod: ApiObject): string | undefined {
  const name = pod.metadata.name ?? '';
  const nodeName = textAt(pod, 'spec', 'nodeName');
  if (pod.metadata.deletionTimestamp !== undefined)
    return `pod ${name} is being deleted, cannot be assigned to a host`;
  if (nodeName !== '') return `pod ${name} is already assigned to node ${JSON.stringify(nodeName)}`;
  const isGated = asList(objectAt(pod, 'spec')['schedulingGates']).length > 0;
  return isGated ? `pod ${name} has non-empty .spec.schedulingGates` : undefined;
}

function bound(parts: ServerParts, pod: ApiObject, request: BindingRequest): ApiObject {
  const { annotations, labels } = request;
  const placed = withField(pod, 'spec', { ...asObject(pod['spec']), nodeName: request.nodeName });
  const settled = withField(placed, 'status', without(asObject(pod['status']), 'nominatedNodeName'));
  const next = withPodCondition(parts.clock, settled, { type: 'PodScheduled', status: 'True' });
  return withMeta(next, {
    ...(isEmptyObject(annotations) ? {} : { annotations: { ...pod.metadata.annotations, ...annotations } }),
    ...(isEmptyObject(labels) ? {} : { labels: { ...pod.metadata.labels, ...labels } }),
  });
}
