/** A node that says that it is ready takes pods; one that says that it is not takes no new ones. */
import { NOT_READY } from '../admission/node-taint.ts';
import { type JsonObject, asObject, asObjects, objectAt, without } from '../json/json.ts';
import { withField } from '../resources/kind-rules.ts';
import type { ApiObject } from '../storage/api-object.ts';
import type { ServerParts } from '../writes/write-parts.ts';

const NODES = { group: '', plural: 'nodes' };

function readiness(node: ApiObject): unknown {
  const conditions = asObjects(objectAt(node, 'status')['conditions']);
  return conditions.find(({ type }) => type === 'Ready')?.['status'];
}

function isNotReadyTaint({ key, effect }: JsonObject): boolean {
  return key === NOT_READY.key && effect === NOT_READY.effect;
}

/** The node with the taint that its readiness asks for; the same node where it has it. */
function tainted(node: ApiObject): ApiObject {
  const ready = readiness(node);
  const spec = asObject(node['spec']);
  const taints = asObjects(spec['taints']);
  const isTainted = taints.some(isNotReadyTaint);
  if (ready === 'True' && isTainted) {
    const kept = taints.filter((taint) => !isNotReadyTaint(taint));
    return withField(node, 'spec', kept.length === 0 ? without(spec, 'taints') : { ...spec, taints: kept });
  }
  if (ready !== 'False' || isTainted) return node;
  return withField(node, 'spec', { ...spec, taints: [...taints, NOT_READY] });
}

/** Follows the nodes. */
export function taintNodes(parts: ServerParts): void {
  const collection = parts.store.collection(NODES);
  collection.listen(({ type, object }) => {
    if (type === 'DELETED') return;
    const present = collection.get(object.metadata.name ?? '');
    if (present === undefined) return;
    const next = tainted(present);
    if (next !== present) parts.store.update(NODES, present, next);
  });
}
