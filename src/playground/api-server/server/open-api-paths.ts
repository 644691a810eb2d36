/** `/openapi/v3` and below. */
import type { OpenApi } from '../openapi/open-api.ts';
import { jsonResponse, plainResponse } from '../wire/response.ts';
import type { PathHandler } from './dispatcher.ts';

const ROOT = '/openapi/v3';

export function openApiPaths(openApi: OpenApi): PathHandler {
  return async ({ path }) => {
    if (path === ROOT) return jsonResponse(200, JSON.stringify(openApi.index()));
    if (!path.startsWith(`${ROOT}/`)) return undefined;
    const document = await openApi.document(path.slice(ROOT.length + 1));
    return document === undefined ? plainResponse(404, '404 page not found\n') : jsonResponse(200, document);
  };
}
