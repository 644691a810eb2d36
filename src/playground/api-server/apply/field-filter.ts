/** Which fields may come to be owned through an endpoint. */
import { isEmptyObject } from '../json/json.ts';
import {
  type FieldSet,
  EMPTY_SET,
  below,
  elementsOf,
  recursiveDifference,
  setOfFields,
  union,
} from './field-set.ts';

/** The part of a set that may be owned. */
export type FieldFilter = (set: FieldSet) => FieldSet;

/** Everything but these fields and what is below them. */
export function allBut(...paths: readonly (readonly string[])[]): FieldFilter {
  if (paths.length === 0) return (set) => set;
  const excluded = setOfFields(...paths);
  return (set) => recursiveDifference(set, excluded);
}

/** Stands for any item of a list. */
export const ANY_ITEM = '*';

/** Only what is below these paths. */
export function only(...paths: readonly (readonly string[])[]): FieldFilter {
  return (set) => paths.reduce((kept, path) => union(kept, belowPath(set, path)), EMPTY_SET);
}

function belowPath(set: FieldSet, path: readonly string[]): FieldSet {
  const [step, ...rest] = path;
  if (step === undefined) return set;
  const kept: Record<string, unknown> = {};
  for (const element of elementsOf(set)) {
    if (step !== ANY_ITEM && element !== `f:${step}`) continue;
    const inner = rest.length === 0 ? set[element] : belowPath(below(set, element), rest);
    if (rest.length === 0 || !isEmptyObject(inner as FieldSet)) kept[element] = inner;
  }
  return kept;
}
