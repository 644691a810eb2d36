/** GET, PUT and PATCH of scales. */
import type { JsonObject } from '../json/json.ts';
import { ANY_NODE } from '../schema/schema-node.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { scaleOf, updateScale } from '../subresources/scale.ts';
import { negotiate } from '../wire/accept.ts';
import { parseYaml } from '../wire/body.ts';
import type { Call } from '../wire/call.ts';
import { pathNotFound } from '../wire/status-error.ts';
import { APPLY_PATCH, readPatch } from '../writes/patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { requireObject } from '../writes/update.ts';
import type { Action } from './actions.ts';
import { type ParsedRequest, contentTypeOf } from './request.ts';
import { type HandlerParts, bodyOf, respond } from './resource-handler.ts';
import type { Verb } from './verbs.ts';

/** Serves the scale subresource of every kind that has one. */
export function scaleAction(parts: HandlerParts): Action {
  return async (verb, call, request) => {
    const { scale: paths } = call.resource;
    if (paths === undefined) throw pathNotFound();
    const accepted = negotiate(request.headers['accept']);
    const context = { clock: parts.clock, tables: parts.tables, call, accepted };
    if (verb === 'get') return respond(context, 200, scaleOf(requireObject(parts, call), paths));
    const change = changeOf(verb, call, request);
    return respond(context, 200, await updateScale(parts, call, { paths, change }));
  };
}

function changeOf(verb: Verb, call: Call, request: ParsedRequest): (scale: ApiObject) => JsonObject {
  if (verb === 'update') {
    const body = bodyOf(call, request);
    return () => body;
  }
  const type = contentTypeOf(request);
  if (type === APPLY_PATCH) {
    const applied = parseYaml(request.body, 'Scale');
    return (scale) => applyMergePatch(scale, applied) as JsonObject;
  }
  // A Scale has no lists, so every kind of patch reads it alike.
  return readPatch({ ...call, resource: { ...call.resource, node: ANY_NODE } }, type, request.body);
}
