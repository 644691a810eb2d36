/** How a step reaches the pods: resized in place where that is possible and harmless, else by a rollout. */
import { changesPlacement, type FieldMap, parseResourcePath } from '#domain/change/field.ts';
import { addsResource, desiredPodFields, qosClassOf, removesResource } from '#domain/change/pod-objects.ts';
import type { UpdateStrategy } from '#domain/rollback/rollback-entry.ts';
import type { TargetFacts } from '#domain/workload/target-facts.ts';
import type { Observation } from './observation.ts';
import { presentSizes } from './sizes.ts';

export interface StrategyChoice {
  readonly strategy: UpdateStrategy;
  /** Why the step cannot be carried out as the user wants it. */
  readonly blockedBecause: string | undefined;
}

export function chooseStrategy(o: Observation, target: TargetFacts, step: FieldMap): StrategyChoice {
  const wish = o.policy.updateStrategy;
  if (changesPlacement(step)) return byNewPods(wish, target);
  const sizes = Object.keys(step).filter((path) => parseResourcePath(path) !== undefined);
  const obstacle = wish === 'Rollout' || sizes.length === 0 ? undefined : obstacleInPlace(o, target, step);
  if (sizes.length > 0 && wish !== 'Rollout' && obstacle === undefined) {
    return { strategy: 'InPlace', blockedBecause: undefined };
  }
  if (wish === 'InPlace' && obstacle !== undefined) {
    return { strategy: 'InPlace', blockedBecause: `updateStrategy is InPlace, but ${obstacle}` };
  }
  const blocked = sizes.length > 0 ? target.rollout.blockedBecause : undefined;
  return { strategy: 'Rollout', blockedBecause: blocked };
}

/** Where pods run is decided when they are made: only a rollout moves them. */
function byNewPods(wish: Observation['policy']['updateStrategy'], target: TargetFacts): StrategyChoice {
  const blockedBecause =
    wish === 'InPlace'
      ? 'updateStrategy is InPlace, but pods move to other nodes only by a rollout'
      : target.rollout.blockedBecause;
  return { strategy: 'Rollout', blockedBecause };
}

/** Why running pods cannot take the step in place without harm. */
function obstacleInPlace(o: Observation, target: TargetFacts, step: FieldMap): string | undefined {
  if (!o.canResizeInPlace) return 'the API server has no pods/resize';
  const present = desiredPodFields(target.fields, presentSizes(target, o.entry));
  const after = { ...present, ...step };
  if (qosClassOf(present) !== qosClassOf(desiredPodFields(target.fields, after))) {
    return 'the quality-of-service class of the pods would change';
  }
  if (removesResource(present, step)) return 'a request or limit would be removed';
  if (addsResource(present, step)) return 'a request or limit would be added, which no resize takes back';
  const restarts = Object.keys(step).find((path) => target.restartsOnResize.includes(path));
  return restarts === undefined ? undefined : `${restarts} restarts its container on resize (resizePolicy)`;
}
