/** Events are forgotten an hour after they were last written. */
import type { Timer } from '#platform/clock.ts';
import { storageKeyOf } from '../storage/api-object.ts';
import type { ServerParts } from '../writes/write-parts.ts';

const EVENTS = { group: '', plural: 'events' };
const LIFETIME_MS = 3_600_000;

interface Deadline {
  readonly key: string;
  readonly revision: string | undefined;
  readonly atMs: number;
}

/** Follows the events; one timer for all of them, since they end in the order in which they were written. */
export function expireEvents(parts: ServerParts): void {
  const { clock, store } = parts;
  const collection = store.collection(EVENTS);
  let deadlines: Deadline[] = [];
  /** The first that has not come. */
  let first = 0;
  let timer: Timer | undefined;
  const schedule = (): void => {
    const next = deadlines[first];
    timer = next === undefined ? undefined : clock.after(next.atMs - clock.now(), expire);
  };
  const expire = (): void => {
    for (let due = deadlines[first]; due !== undefined && due.atMs <= clock.now(); due = deadlines[first]) {
      const event = collection.get(due.key);
      // A later write has a deadline of its own.
      if (event?.metadata.resourceVersion === due.revision && event !== undefined)
        store.remove(EVENTS, event);
      first += 1;
    }
    // Dropped in bulk: one by one would move all the others each time.
    if (first * 2 > deadlines.length) {
      deadlines = deadlines.slice(first);
      first = 0;
    }
    schedule();
  };
  collection.listen(({ type, object }) => {
    if (type === 'DELETED') return;
    const revision = object.metadata.resourceVersion;
    deadlines.push({ key: storageKeyOf(object), revision, atMs: clock.now() + LIFETIME_MS });
    if (timer === undefined) schedule();
  });
}
