/** What carrying out a step does to running pods. */
import type { Disruption } from '#domain/arbiter/arbiter.ts';
import { changesPlacement, type FieldMap, parseResourcePath, REPLICAS } from '#domain/change/field.ts';
import type { UpdateStrategy } from '#domain/rollback/rollback-entry.ts';

export function disruptionOf(step: FieldMap, strategy: UpdateStrategy): Disruption {
  const sizes = Object.keys(step).some((path) => parseResourcePath(path) !== undefined);
  if ((sizes || changesPlacement(step)) && strategy === 'Rollout') return 'restarts-pods';
  return REPLICAS in step ? 'removes-pods' : 'none';
}
