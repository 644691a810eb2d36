/** A node as the scheduler sees it. */
import type { Node, Pod } from '#apis/kubernetes/builtin.ts';
import type { Amounts } from '../resources.ts';

/** One node with its pods. */
export interface NodeInfo {
  readonly node: Node;
  readonly allocatable: Amounts;
  requested: Amounts;
  readonly pods: Map<string, Pod>;
  /** Those of its pods that keep others away. */
  readonly choosy: Map<string, Pod>;
  /** How many of its pods each owner controls, by the owner's uid. */
  readonly owners: Map<string, number>;
}
