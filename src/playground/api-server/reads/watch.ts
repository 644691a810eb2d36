/** Watches: the changes of a collection as a stream of JSON lines. */
import type { Timer } from '#platform/clock.ts';
import { Channel } from '../../simulation/channel.ts';
import { type ApiObject, revisionOf } from '../storage/api-object.ts';
import type { Change } from '../storage/history.ts';
import type { Call } from '../wire/call.ts';
import { expired } from '../wire/status-error.ts';
import { type ServerParts, fromStorage } from '../writes/write-parts.ts';
import type { ListOptions } from './list-options.ts';
import { tooLarge } from './list.ts';
import type { WatchForm } from './form.ts';

const BOOKMARK_MS = 60_000;
/** Where the client does not say how long: between one and two times half an hour. */
const MIN_TIMEOUT_MS = 1_800_000;

export type EventType = Change['type'] | 'BOOKMARK' | 'ERROR';

/** Opens a watch. Throws where the options cannot be served; a revision that is too old is an event. */
export function watchObjects(parts: ServerParts, call: Call, request: WatchRequest): AsyncIterable<string> {
  return new Watch(parts, call, request).open();
}

export interface WatchRequest {
  readonly options: ListOptions;
  readonly form: WatchForm;
}

class Watch {
  readonly #parts: ServerParts;
  readonly #call: Call;
  readonly #options: ListOptions;
  readonly #form: WatchForm;
  readonly #channel: Channel<string>;
  readonly #timers: Timer[] = [];
  #unlisten: () => void = () => undefined;

  constructor(parts: ServerParts, call: Call, { options, form }: WatchRequest) {
    this.#parts = parts;
    this.#call = call;
    this.#options = options;
    this.#form = form;
    this.#channel = new Channel(() => {
      this.#close();
    });
  }

  open(): AsyncIterable<string> {
    const wanted = Number(this.#options.resourceVersion);
    if (wanted > this.#parts.store.revision) throw tooLarge(wanted, this.#parts.store.revision);
    if (this.#begin(wanted)) this.#follow();
    return this.#channel;
  }

  /** Sends what comes before the live changes; false where the watch ended with that. */
  #begin(wanted: number): boolean {
    const { resourceVersion, sendInitialEvents } = this.#options;
    if (resourceVersion === '' || resourceVersion === '0' || sendInitialEvents) {
      this.#sendState();
      return true;
    }
    const { history } = this.#collection();
    const missed = history.since(wanted);
    if (missed === undefined) {
      const { status } = expired(`too old resource version: ${wanted} (${history.forgottenThrough})`);
      this.#channel.push(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
      this.#channel.end();
      return false;
    }
    for (const change of missed) this.#sendChange(change);
    return true;
  }

  #collection(): ReturnType<ServerParts['store']['collection']> {
    return this.#parts.store.collection(this.#call.resource.stored);
  }

  #sendState(): void {
    const { resource, namespace } = this.#call;
    for (const stored of this.#collection().list(resource.namespaced ? namespace : '')) {
      const object = fromStorage(resource, stored);
      if (this.#matches(object)) this.#send('ADDED', object);
    }
    if (this.#options.sendInitialEvents) this.#sendBookmark({ 'k8s.io/initial-events-end': 'true' });
  }

  #follow(): void {
    const { clock, random } = this.#parts;
    const { signal } = this.#call;
    this.#unlisten = this.#collection().listen((change) => {
      this.#sendChange(change);
    });
    const { timeoutSeconds } = this.#options;
    const timeoutMs =
      timeoutSeconds === undefined || timeoutSeconds === 0
        ? MIN_TIMEOUT_MS * (1 + random.next())
        : timeoutSeconds * 1000;
    this.#timers.push(clock.after(timeoutMs, () => { this.#end(); })); // prettier-ignore
    if (this.#options.allowBookmarks) this.#scheduleBookmark();
    signal?.addEventListener('abort', () => { this.#end(); }, { once: true }); // prettier-ignore
  }

  #scheduleBookmark(): void {
    const timer = this.#parts.clock.after(BOOKMARK_MS, () => {
      this.#sendBookmark({});
      this.#timers.splice(this.#timers.indexOf(timer), 1);
      this.#scheduleBookmark();
    });
    this.#timers.push(timer);
  }

  /** A change as those see it who only look at some objects: what comes into view is added, what leaves it deleted. */
  #sendChange(change: Change): void {
    const { resource, namespace } = this.#call;
    if (resource.namespaced && namespace !== '' && change.object.metadata.namespace !== namespace) return;
    const object = fromStorage(resource, change.object);
    const isSeen = change.type !== 'DELETED' && this.#matches(object);
    const wasSeen = change.previous !== undefined && this.#matches(fromStorage(resource, change.previous));
    if (isSeen) this.#send(wasSeen ? 'MODIFIED' : 'ADDED', object);
    else if (wasSeen) this.#send('DELETED', this.#lastSeen(change));
  }

  /** What was seen last, with the revision at which it went out of view. */
  #lastSeen(change: Change): ApiObject {
    const { resource } = this.#call;
    const last = change.type === 'DELETED' ? change.object : (change.previous ?? change.object);
    const object = fromStorage(resource, last);
    if (revisionOf(object) === change.revision) return object;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(change.revision) } };
  }

  #matches(object: ApiObject): boolean {
    return this.#options.matches?.(object) ?? true;
  }

  #send(type: EventType, object: ApiObject): void {
    this.#channel.push(`{"type":"${type}","object":${this.#form(object)}}\n`);
  }

  #sendBookmark(annotations: Readonly<Record<string, string>>): void {
    const { apiVersion, kind } = this.#call.resource;
    const resourceVersion = String(this.#parts.store.revision);
    const marks = Object.keys(annotations).length === 0 ? {} : { annotations };
    this.#send('BOOKMARK', { kind, apiVersion, metadata: { resourceVersion, ...marks } });
  }

  #end(): void {
    this.#channel.end();
    this.#close();
  }

  #close(): void {
    this.#unlisten();
    for (const timer of this.#timers.splice(0)) timer.cancel();
  }
}
