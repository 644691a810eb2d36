/**
 * An autoscaler's target was raised because requests shrank. Where others set those requests again, the raised target
 * would keep it from ever scaling up: then the whole change is undone.
 */
import {
  type FieldMap,
  type FieldPath,
  parseHpaPath,
  parseResourcePath,
  sameValue,
} from '#domain/change/field.ts';
import { isSetByOthers, type RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import type { Draft } from './decision.ts';
import { beginRestore } from './decide-restoring.ts';
import type { Observation } from './observation.ts';
import { objectFields } from './sizes.ts';

export function decideDisputed(o: Observation, draft: Draft): boolean {
  const { entry, target } = o;
  if (entry === undefined || target === undefined) return false;
  const fields = objectFields(o, target);
  const disputed = raisedTargets(entry, fields).find((path) => sizesAreForeign(entry, fields, path));
  if (disputed === undefined) return false;
  beginRestore(o, draft, {
    reason: 'Overridden',
    message: `someone else set the requests that ${disputed} was made for`,
    atMs: o.nowMs,
  });
  return true;
}

/** The targets of autoscalers that hold a value of ours. */
function raisedTargets(entry: RollbackEntry, fields: FieldMap): readonly FieldPath[] {
  return Object.keys(entry.original).filter(
    (path) =>
      parseHpaPath(path)?.field === 'target' &&
      !sameValue(fields[path], entry.original[path]) &&
      !isSetByOthers(entry, path, fields),
  );
}

function sizesAreForeign(entry: RollbackEntry, fields: FieldMap, target: FieldPath): boolean {
  const scaled = parseHpaPath(target);
  if (scaled?.field !== 'target') return false;
  return Object.keys(entry.original).some((path) => {
    const size = parseResourcePath(path);
    return (
      size?.list === 'requests' && size.resource === scaled.resource && isSetByOthers(entry, path, fields)
    );
  });
}
