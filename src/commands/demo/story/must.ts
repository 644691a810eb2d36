/** The demo tells what happened, never what should have: a scene that did not come about ends it with an error. */
import { KcError } from '#errors/kc-error.ts';

/** Throws KC_DEMO_DIVERGED, naming the scene and what is missing, where `holds` is false. */
export function must(holds: boolean, scene: string, what: string): asserts holds {
  if (!holds)
    throw new KcError('KC_DEMO_DIVERGED', { object: scene, problem: `it did not come about that ${what}` });
}
