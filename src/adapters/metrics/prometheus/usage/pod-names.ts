/**
 * What the name of a pod tells about its workload. Kubernetes names them
 *   Deployment   <deployment>-<hash of the template>-<5 random>   through a ReplicaSet <deployment>-<hash>
 *   DaemonSet    <daemonset>-<5 random>
 *   StatefulSet  <statefulset>-<ordinal>
 * (k8s.io/apiserver/pkg/storage/names, k8s.io/apimachinery/pkg/util/rand). The part before the last dash, the base, is
 * what metrics are grouped by: it names the ReplicaSet, DaemonSet or StatefulSet, also of pods long gone.
 */

/** rand.String: no vowels, no 0, 1 and 3. */
const RANDOM = '[bcdfghjklmnpqrstvwxz2456789]{5}';
/**
 * The hash is FNV-32 in decimal digits, each through rand.SafeEncodeString, which maps '0'…'9' to '4'…'9', 'b', 'c', 'd', 'f'.
 */
const HASH = '[4-9bcdf]{1,10}';
/** Generated names are cut to 63 characters: 58 and the random part, which then follows without a dash. */
export const CUT_BASE_LENGTH = 58;

/** RE2 and JavaScript read these alike; they match whole names. */
export const BASE_PATTERN = `(.+)-(?:${RANDOM}|[0-9]+)`;
export const CUT_PATTERN = `(.{${String(CUT_BASE_LENGTH)}})${RANDOM}`;
/** The group is always the same, so that it tells ordinals from other endings without telling them apart. */
export const ORDINAL_PATTERN = '.+(-)[0-9]+';

const BASE = new RegExp(`^${BASE_PATTERN}$`);
const CUT = new RegExp(`^${CUT_PATTERN}$`);
const ORDINAL = new RegExp(`^${ORDINAL_PATTERN}$`);
const REPLICA_SET = new RegExp(`^(.+)-(${HASH})$`);

/** What groups the pods of one controller. */
export interface PodBase {
  readonly base: string;
  /** The name ends with a number: an ordinal, or by chance a random part of digits only. */
  readonly ordinal: boolean;
}

/** Undefined where a name is none that a controller of ours gives. */
export function podBase(pod: string): PodBase | undefined {
  const base = BASE.exec(pod)?.[1] ?? CUT.exec(pod)?.[1];
  return base === undefined ? undefined : { base, ordinal: ORDINAL.test(pod) };
}

/** `web` and `5d69f8f4b7` of a ReplicaSet `web-5d69f8f4b7`; undefined where the name is not made so. */
export function splitReplicaSet(
  base: string,
): { readonly deployment: string; readonly hash: string } | undefined {
  const [, deployment, hash] = REPLICA_SET.exec(base) ?? [];
  return deployment === undefined || hash === undefined ? undefined : { deployment, hash };
}
