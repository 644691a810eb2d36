/** What a list, a watch or a deletion of a collection is to comprise. */
import { type LabelTest, labelsOf, parseLabelSelector } from '../selectors/label-selector.ts';
import { fieldTest, parseFieldSelector } from '../selectors/field-selector.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { type FieldErrors, invalidObject, notSupported, prohibited } from '../validation/field-error.ts';
import type { Call } from '../wire/call.ts';
import { badRequest } from '../wire/status-error.ts';

export interface ListOptions {
  readonly isWatch: boolean;
  /** Undefined where every object is meant. */
  readonly matches: ((object: ApiObject) => boolean) | undefined;
  /** Zero where there is no limit. */
  readonly limit: number;
  readonly continueToken: string;
  /** Empty for the latest state. */
  readonly resourceVersion: string;
  readonly isExact: boolean;
  readonly sendInitialEvents: boolean;
  readonly allowBookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
}

function isTrue(value: string | null): boolean {
  return value === 'true' || value === '1';
}

function numberOf(call: Call, name: string): number | undefined {
  const text = call.query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!Number.isInteger(value))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return value;
}

/** Reads the query of a call. Throws a StatusError where it makes no sense. */
export function readListOptions(call: Call, isWatchPath = false): ListOptions {
  const { query } = call;
  const isWatch = isWatchPath || isTrue(query.get('watch'));
  const errors = isWatch ? watchErrors(query) : listErrors(query);
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  return {
    isWatch,
    matches: selectionOf(call),
    limit: numberOf(call, 'limit') ?? 0,
    continueToken: continueTokenOf(query),
    resourceVersion: checkedVersion(query.get('resourceVersion') ?? ''),
    isExact: query.get('resourceVersionMatch') === 'Exact',
    sendInitialEvents: isTrue(query.get('sendInitialEvents')),
    allowBookmarks: isTrue(query.get('allowWatchBookmarks')),
    timeoutSeconds: numberOf(call, 'timeoutSeconds'),
  };
}

function continueTokenOf(query: URLSearchParams): string {
  const token = query.get('continue') ?? '';
  const version = query.get('resourceVersion') ?? '';
  if (token === '' || version === '' || version === '0') return token;
  throw badRequest('specifying resource version is not allowed when using continue');
}

function checkedVersion(text: string): string {
  if (text === '' || /^\d+$/.test(text)) return text;
  const shown = JSON.stringify(text);
  const problem = `strconv.ParseUint: parsing ${shown}: invalid syntax`;
  throw badRequest(`invalid resource version: resourceVersion: Invalid value: ${shown}: ${problem}`);
}

const MATCH = 'resourceVersionMatch';
const MATCHES = ['Exact', 'NotOlderThan'];

function listErrors(query: URLSearchParams): FieldErrors {
  const match = query.get(MATCH) ?? '';
  const version = query.get('resourceVersion') ?? '';
  return [
    ...(query.has('sendInitialEvents')
      ? [prohibited('sendInitialEvents', 'sendInitialEvents is forbidden for list')]
      : []),
    ...(match === '' ? [] : matchErrors(query, match, version)),
  ];
}

function matchErrors(query: URLSearchParams, match: string, version: string): FieldErrors {
  const without =
    version === '' ? [prohibited(MATCH, `${MATCH} is forbidden unless resourceVersion is provided`)] : [];
  const paged = (query.get('continue') ?? '') !== '';
  return [
    ...without,
    ...(paged ? [prohibited(MATCH, `${MATCH} is forbidden when continue is provided`)] : []),
    ...(MATCHES.includes(match) ? [] : [notSupported(MATCH, match, [...MATCHES, ''])]),
    ...(match === 'Exact' && version === '0'
      ? [prohibited(MATCH, `${MATCH} "exact" is forbidden for resourceVersion "0"`)]
      : []),
  ];
}

function watchErrors(query: URLSearchParams): FieldErrors {
  const match = query.get(MATCH) ?? '';
  const isInitial = query.has('sendInitialEvents');
  if (isInitial && match !== 'NotOlderThan') {
    return [prohibited(MATCH, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')];
  }
  if (match === '' || isInitial) return [];
  return [
    prohibited(MATCH, `${MATCH} is forbidden for watch unless sendInitialEvents is provided`),
    ...(match === 'NotOlderThan' ? [] : [notSupported(MATCH, match, ['NotOlderThan'])]),
  ];
}

/** The test that the selectors of a call amount to. */
function selectionOf(call: Call): ((object: ApiObject) => boolean) | undefined {
  const { query, name, resource } = call;
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  if (labels === '' && fields === '' && name === '') return undefined;
  const labelTest: LabelTest = parseLabelSelector(labels);
  const matchesFields = fieldTest(parseFieldSelector(fields), resource.rules.selectable);
  return (object) =>
    labelTest(labelsOf(object)) && matchesFields(object) && (name === '' || object.metadata.name === name);
}
