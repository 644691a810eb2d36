/** Events have two versions with different names for the same fields; they are stored in the older one. */
import type { JsonObject } from '../json/json.ts';
import type { VersionView } from '../resources/resource.ts';
import type { ApiObject } from '../storage/api-object.ts';

/** Core name → name in events.k8s.io. */
const NAMES: Readonly<Record<string, string>> = {
  involvedObject: 'regarding',
  message: 'note',
  source: 'deprecatedSource',
  firstTimestamp: 'deprecatedFirstTimestamp',
  lastTimestamp: 'deprecatedLastTimestamp',
  count: 'deprecatedCount',
  reportingComponent: 'reportingController',
};

const BACK: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(NAMES).map(([core, modern]) => [modern, core]),
);

/** What the older version always prints. */
const CORE_ZEROS: JsonObject = {
  firstTimestamp: null,
  lastTimestamp: null,
  eventTime: null,
  involvedObject: {},
  source: {},
  reportingComponent: '',
  reportingInstance: '',
};

function renamed(object: JsonObject, names: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [names[name] ?? name, value]));
}

const views = new WeakMap<ApiObject, ApiObject>();

export const EVENT_VIEW: VersionView = {
  fromStorage: (event) => {
    const known = views.get(event);
    if (known !== undefined) return known;
    const { reportingController = '', ...rest } = renamed(event, NAMES);
    const { reportingInstance: _empty, ...named } = rest;
    const controller = reportingController === '' ? {} : { reportingController };
    const instance =
      event['reportingInstance'] === '' ? {} : { reportingInstance: event['reportingInstance'] };
    const view = { ...named, ...controller, ...instance, apiVersion: 'events.k8s.io/v1' } as ApiObject;
    views.set(event, view);
    return view;
  },
  toStorage: (event) => ({ ...CORE_ZEROS, ...renamed(event, BACK), apiVersion: 'v1' }) as ApiObject,
};
