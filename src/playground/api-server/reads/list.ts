/** Lists: all at once or page by page, of now or of an older revision. */
import type { ApiObject } from '../storage/api-object.ts';
import { storageKeyOf } from '../storage/api-object.ts';
import type { Collection } from '../storage/collection.ts';
import { isObject } from '../json/json.ts';
import type { Call } from '../wire/call.ts';
import { StatusError, badRequest, expired } from '../wire/status-error.ts';
import type { ServerParts } from '../writes/write-parts.ts';
import { fromStorage } from '../writes/write-parts.ts';
import type { ListOptions } from './list-options.ts';

export interface ListResult {
  readonly items: readonly ApiObject[];
  readonly metadata: ListMeta;
}

export interface ListMeta {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

interface Page {
  /** The revision that all pages of a list show; the latest where it is negative. */
  readonly revision: number;
  /** The page begins after this key. */
  readonly after: string;
}

const EXPIRED_LIST = 'The resourceVersion for the provided list is too old.';
const EXPIRED_PAGE =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** The objects that a call asks for. */
export function listObjects(parts: ServerParts, call: Call, options: ListOptions): ListResult {
  const collection = parts.store.collection(call.resource.stored);
  const page = pageOf(parts, options);
  const stored = snapshot(collection, page, { call, options });
  const start = page.after === '' ? 0 : stored.findIndex((object) => storageKeyOf(object) > page.after);
  const rest = start < 0 ? [] : stored.slice(start);
  const { items, used } = take(call, rest, options);
  const resourceVersion = String(page.revision < 0 ? parts.store.revision : page.revision);
  const remaining = rest.length - used;
  const last = rest[used - 1];
  if (remaining === 0 || last === undefined) return { items, metadata: { resourceVersion } };
  const token = writeToken({ revision: page.revision, after: storageKeyOf(last) });
  const count = options.matches === undefined ? { remainingItemCount: remaining } : {};
  return { items, metadata: { resourceVersion, continue: token, ...count } };
}

/** The first objects that match, up to the limit, and how many had to be looked at. */
function take(
  call: Call,
  stored: readonly ApiObject[],
  { limit, matches }: ListOptions,
): { readonly items: readonly ApiObject[]; readonly used: number } {
  const { view } = call.resource;
  const shown = view === undefined ? stored : stored.map((object) => fromStorage(call.resource, object));
  if (matches === undefined) {
    return limit === 0
      ? { items: shown, used: shown.length }
      : { items: shown.slice(0, limit), used: Math.min(limit, shown.length) };
  }
  if (limit === 0) return { items: shown.filter(matches), used: shown.length };
  const items: ApiObject[] = [];
  let used = 0;
  for (const object of shown) {
    if (items.length === limit) break;
    used += 1;
    if (matches(object)) items.push(object);
  }
  return { items, used };
}

function pageOf(parts: ServerParts, options: ListOptions): Page {
  if (options.continueToken !== '') return readToken(options.continueToken);
  const wanted = Number(options.resourceVersion);
  if (wanted > parts.store.revision) throw tooLarge(wanted, parts.store.revision);
  if (options.isExact) return { revision: wanted, after: '' };
  return { revision: parts.store.revision, after: '' };
}

function snapshot(
  collection: Collection,
  page: Page,
  { call, options }: { readonly call: Call; readonly options: ListOptions },
): readonly ApiObject[] {
  const namespace = call.resource.namespaced ? call.namespace : '';
  if (page.revision < 0) return collection.list(namespace);
  const stored = collection.listAt(page.revision, namespace);
  if (stored !== undefined) return stored;
  if (options.continueToken === '') throw expired(EXPIRED_LIST);
  throw expiredPage(page);
}

/** The answer carries a token that goes on with the present state. */
function expiredPage(page: Page): StatusError {
  const error = expired(EXPIRED_PAGE);
  const metadata = { continue: writeToken({ revision: -1, after: page.after }) };
  return Object.assign(error, { status: { ...error.status, metadata } });
}

export function tooLarge(wanted: number, current: number): StatusError {
  const details = {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  };
  const message = `Timeout: Too large resource version: ${wanted}, current: ${current}`;
  return new StatusError(504, 'Timeout', { message, details });
}

/** As the real server writes it: the key after which to go on ends in a zero byte. */
function writeToken({ revision, after }: Page): string {
  const token = { v: 'meta.k8s.io/v1', rv: revision, start: `${after}\u0000` };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function readToken(text: string): Page {
  try {
    const token: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (isObject(token) && typeof token['rv'] === 'number' && typeof token['start'] === 'string') {
      return { revision: token['rv'], after: token['start'].replace(/\0$/, '') };
    }
  } catch {
    // Told to the client below.
  }
  throw badRequest('invalid continue token: continue key is not valid: the token cannot be decoded');
}
