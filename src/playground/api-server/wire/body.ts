/** Bodies of requests: JSON or YAML, read as an object. */
import { parseDocument } from 'yaml';
import { type JsonObject, isObject } from '../json/json.ts';
import { badRequest, unsupportedMediaType } from './status-error.ts';

export const MEDIA_TYPES = ['application/json', 'application/yaml'] as const;

/** The media type of a header without its parameters. */
export function mediaTypeOf(header: string | undefined): string {
  return (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** The object in a body. `contentType` is that of an object; UnsupportedMediaType for any other. */
export function parseBody(body: string, contentType: string, kind: string): JsonObject {
  if (contentType === 'application/yaml') return parseYaml(body, kind);
  if (contentType === '' || contentType === 'application/json') return parseJson(body, kind);
  throw unsupportedMediaType(MEDIA_TYPES);
}

export function parseJson(body: string, kind: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    const problem = error instanceof Error ? error.message : 'invalid JSON';
    throw unreadable(kind, `json parse error: ${problem}`, body);
  }
  if (!isObject(value)) throw unreadable(kind, 'json parse error: the body is not an object', body);
  return value;
}

export function parseYaml(body: string, kind: string): JsonObject {
  const document = parseDocument(body);
  const [problem] = document.errors;
  if (problem !== undefined) throw badRequest(`error decoding YAML: ${problem.message}`);
  const value: unknown = document.toJS();
  if (!isObject(value)) throw unreadable(kind, 'the body is not an object', body);
  return value;
}

function unreadable(kind: string, problem: string, body: string): Error {
  return badRequest(
    `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; ${problem} (${body.slice(0, 1024)})`,
  );
}
