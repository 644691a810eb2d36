/**
 * Resource versions as an order. Kubernetes 1.35 made it official (KEP-5504) that the resource versions of one
 * resource type compare as unsigned decimal integers; servers behind an aggregator may still use opaque texts.
 */

const DECIMAL = /^(?:0|[1-9]\d*)$/;

/** Negative, zero or positive; undefined where the two cannot be ordered. */
export function compareResourceVersions(a: string | undefined, b: string | undefined): number | undefined {
  if (a === undefined || b === undefined || !DECIMAL.test(a) || !DECIMAL.test(b)) return undefined;
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** True where `a` is known to be newer than `b`; false where older, equal or unknown. */
export function isNewer(a: string | undefined, b: string | undefined): boolean {
  return (compareResourceVersions(a, b) ?? 0) > 0;
}
