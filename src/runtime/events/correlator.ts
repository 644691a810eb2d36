/**
 * Decides what becomes of each occurrence, as client-go's event correlator does: the same again raises the count of the
 * event that exists; many similar ones (same object and reason, other messages) are told of as one; an object that
 * never stops is cut off. All in a bounded memory.
 */
import type { Clock } from '#platform/clock.ts';
import type { Occurrence } from './event-types.ts';

export interface Correlation {
  /** Occurrences with the same key belong to one Event object. */
  readonly key: string;
  readonly message: string;
}

/** More similar messages than this within `SIMILAR_WITHIN_MS` become one event. */
const SIMILAR_LIMIT = 10;
const SIMILAR_WITHIN_MS = 600_000;
/** Per object: this many at once, then one in five minutes. */
const BURST = 25;
const REFILL_MS = 300_000;
const MAX_REMEMBERED = 4096;

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

interface Group {
  readonly keys: Set<string>;
  lastAtMs: number;
}

export class EventCorrelator {
  readonly #clock: Clock;
  readonly #groups = new Map<string, Group>();
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How to publish an occurrence; undefined where its object has said too much already. */
  correlate(occurrence: Occurrence): Correlation | undefined {
    if (!this.#takeToken(objectKey(occurrence))) return undefined;
    const similar = `${objectKey(occurrence)}|${occurrence.type}|${occurrence.reason}`;
    const own = `${similar}|${occurrence.dedupeKey ?? occurrence.message}`;
    if (this.#isOneOfFew(similar, own)) return { key: own, message: occurrence.message };
    return { key: similar, message: `(combined from similar events): ${occurrence.message}` };
  }

  #isOneOfFew(similar: string, own: string): boolean {
    const nowMs = this.#clock.now();
    const standing = this.#groups.get(similar);
    const group =
      standing === undefined || nowMs - standing.lastAtMs > SIMILAR_WITHIN_MS
        ? { keys: new Set<string>(), lastAtMs: nowMs }
        : standing;
    group.lastAtMs = nowMs;
    remember(this.#groups, similar, group);
    if (group.keys.has(own) || group.keys.size < SIMILAR_LIMIT) {
      group.keys.add(own);
      return true;
    }
    return false;
  }

  #takeToken(object: string): boolean {
    const nowMs = this.#clock.now();
    const bucket = this.#buckets.get(object) ?? { tokens: BURST, filledAtMs: nowMs };
    bucket.tokens = Math.min(BURST, bucket.tokens + Math.max(0, nowMs - bucket.filledAtMs) / REFILL_MS);
    bucket.filledAtMs = nowMs;
    remember(this.#buckets, object, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}

/** Which object an occurrence is about. */
export function objectKey({ object }: Occurrence): string {
  const { namespace = '', name = '', uid = '' } = object.metadata ?? {};
  return `${object.kind ?? ''}/${namespace}/${name}/${uid}`;
}

/** Sets a value and forgets the one that was not touched for longest when there are too many. */
export function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_REMEMBERED) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
