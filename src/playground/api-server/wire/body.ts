/** Bodies of requests: JSON or YAML, read as an object. */
import { parseDocument } from 'yaml';
import { messageOf } from '#errors/kc-error.ts';
import { type JsonObject, isObject } from '../json/json.ts';
import { badRequest, unsupportedMediaType } from './status-error.ts';

/** The media type of a header without its parameters. */
export function mediaTypeOf(header: string | undefined): string {
  return (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** The object in a body. `contentType` is that of an object; UnsupportedMediaType for any other. */
export function parseBody(body: string, contentType: string, kind: string): JsonObject {
  if (contentType === 'application/yaml') return parseYaml(body, kind);
  if (contentType === '' || contentType === 'application/json') return parseJson(body, kind);
  throw unsupportedMediaType();
}

export function parseJson(body: string, kind: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw unreadable(kind, `json parse error: ${jsonProblem(error)}`, body);
  }
  if (!isObject(value)) throw unreadable(kind, 'json parse error: the body is not an object', body);
  return value;
}

/** YAML 1.1, in which `yes`, `no`, `on` and `off` are booleans, as the API server and kubectl read it. */
export function parseYaml(body: string, kind: string): JsonObject {
  const document = parseDocument(body, { version: '1.1' });
  const [problem] = document.errors;
  if (problem !== undefined)
    throw badRequest(`error decoding YAML: error converting YAML to JSON: yaml: ${problem.message}`);
  const value: unknown = document.toJS();
  if (!isObject(value)) throw unreadable(kind, 'the body is not an object', body);
  return value;
}

/** A text that ends too early is named as everywhere in Kubernetes; other problems in our parser's words. */
export function jsonProblem(error: unknown): string {
  const problem = messageOf(error);
  return /end of JSON|Unterminated|after property value in JSON at|Expected property name/.test(problem)
    ? 'unexpected end of JSON input'
    : problem;
}

function unreadable(kind: string, problem: string, body: string): Error {
  const shown = body === '' ? '<empty>' : body.slice(0, 1024);
  return badRequest(
    `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; ${problem} (${shown})`,
  );
}
