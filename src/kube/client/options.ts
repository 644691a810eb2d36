/** What a call may say besides the object: selectors, paging, patch kinds, field managers, preconditions. */

/** How a patch body is read; `apply` is server-side apply. */
export type PatchKind = 'json' | 'merge' | 'strategic' | 'apply';

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface GetOptions extends CallOptions {
  readonly subresource?: string;
}

export interface ListOptions extends CallOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
}

export interface WriteOptions extends CallOptions {
  readonly namespace?: string | undefined;
  readonly subresource?: string;
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
}

export interface PatchOptions extends WriteOptions {
  readonly patch: PatchKind;
  readonly body: unknown;
  /** Server-side apply only: take over fields that others own. */
  readonly force?: boolean;
}

/** Server-side apply: who applies, and whether to take over fields that others own. */
export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  readonly force?: boolean;
}

export interface WantedScale extends CallOptions {
  readonly replicas: number;
  readonly resourceVersion?: string | undefined;
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
}

export interface LogOptions extends CallOptions {
  readonly container?: string;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  readonly limitBytes?: number;
  readonly timestamps?: boolean;
  /** The log of the container's life before this one. */
  readonly previous?: boolean;
}

export interface DeleteOptions extends CallOptions {
  readonly propagation?: 'Foreground' | 'Background' | 'Orphan';
  readonly gracePeriodSeconds?: number;
  /** Deletes only this very object, not a successor of the same name. */
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly dryRun?: boolean;
}

export interface WatchOptions extends CallOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly resourceVersion?: string;
  /** How long the server should keep the stream open. */
  readonly timeoutSeconds?: number;
  /** Ask for the current objects through the watch itself (WatchList, served by default since 1.34). */
  readonly sendInitialEvents?: boolean;
}

type QueryValue = string | number | boolean | undefined;

/** `?a=1&b=2`, or nothing where every value is undefined or empty. */
export function queryText(values: Readonly<Record<string, QueryValue>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

export function listQuery(options: ListOptions): Record<string, QueryValue> {
  return {
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    limit: options.limit,
    continue: options.continue,
    resourceVersion: options.resourceVersion,
    resourceVersionMatch: options.resourceVersionMatch,
  };
}

export function watchQuery(options: WatchOptions): Record<string, QueryValue> {
  const initial = options.sendInitialEvents === true;
  return {
    watch: true,
    allowWatchBookmarks: true,
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    resourceVersion: options.resourceVersion,
    timeoutSeconds: options.timeoutSeconds,
    sendInitialEvents: initial ? true : undefined,
    resourceVersionMatch: initial ? 'NotOlderThan' : undefined,
  };
}

export function writeQuery(options: WriteOptions): Record<string, QueryValue> {
  return { fieldManager: options.fieldManager, dryRun: options.dryRun === true ? 'All' : undefined };
}

export function patchQuery(options: PatchOptions): Record<string, QueryValue> {
  return { ...writeQuery(options), force: options.force };
}

const PATCH_CONTENT_TYPES: Readonly<Record<PatchKind, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

export function patchContentType(kind: PatchKind): string {
  return PATCH_CONTENT_TYPES[kind];
}

/** The DeleteOptions object of the wire. */
export function deleteBody(options: DeleteOptions): Record<string, unknown> {
  const preconditions = {
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.resourceVersion === undefined ? {} : { resourceVersion: options.resourceVersion }),
  };
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(options.propagation === undefined ? {} : { propagationPolicy: options.propagation }),
    ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
    ...(options.dryRun === true ? { dryRun: ['All'] } : {}),
    ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
  };
}
