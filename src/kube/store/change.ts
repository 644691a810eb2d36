/** What happened to an object in a store. */
import type { KubeObject } from '#apis/kubernetes/object.ts';

export interface Change<T extends KubeObject = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The object as it is now; for DELETED as it was last known. */
  readonly object: T;
  /** The state before; undefined for ADDED. */
  readonly previous: T | undefined;
}

export type ChangeListener<T extends KubeObject = KubeObject> = (change: Change<T>) => void;
