/** Watch events as they stand on the wire: one JSON document per line. */
import type { KubeObject, StatusObject } from '#apis/kubernetes/object.ts';
import { KcError } from '#errors/kc-error.ts';
import { ApiError } from '../client/api-error.ts';

export interface WatchEvent<T extends KubeObject = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

const EVENT_TYPES: ReadonlySet<string> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** The bookmark after which a WatchList has delivered everything that existed. */
export function endsInitialEvents(event: WatchEvent): boolean {
  return event.type === 'BOOKMARK' && event.object.metadata?.annotations?.[INITIAL_EVENTS_END] === 'true';
}

/** Cuts a stream of texts into lines. A last line without its end is a broken connection's and never comes. */
export class LineSplitter {
  #rest = '';

  push(chunk: string): string[] {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.filter((line) => line.trim() !== '');
  }
}

/**
 * Parses one line. Throws KC_WATCH_EXPIRED where the server no longer has the resource version, ApiError for any
 * other ERROR event, and KC_API_UNREACHABLE where the line is no event at all (a proxy's text, a cut stream).
 */
export function parseWatchEvent(line: string): WatchEvent {
  const event = parseJson(line);
  if (!isEventShaped(event)) throw garbled(line);
  if (event.type === 'ERROR') throw watchError(event.object as StatusObject);
  if (!EVENT_TYPES.has(event.type)) throw garbled(line);
  return event as WatchEvent;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw garbled(line, cause);
  }
}

function isEventShaped(value: unknown): value is { readonly type: string; readonly object: object } {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('object' in value)) return false;
  return typeof value.type === 'string' && typeof value.object === 'object' && value.object !== null;
}

function garbled(line: string, cause?: unknown): KcError {
  const problem = `the watch sent something that is not an event: ${line.slice(0, 80)}`;
  return new KcError('KC_API_UNREACHABLE', { problem, cause });
}

/** The error that an ERROR event stands for. */
function watchError(status: StatusObject): KcError {
  const code = status.code ?? 500;
  if (code === 410 || status.reason === 'Expired' || status.reason === 'Gone') {
    return new KcError('KC_WATCH_EXPIRED', { problem: status.message ?? 'the resource version is too old' });
  }
  return new ApiError('watch', { status: code, headers: {}, body: JSON.stringify(status) });
}
