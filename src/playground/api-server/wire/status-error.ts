/** What a handler throws to answer with a Status, and the constructors of the usual ones. */
import type { StatusDetails, StatusObject } from '#apis/kubernetes/object.ts';

/** The request is answered with this Status. */
export class StatusError extends Error {
  readonly status: StatusObject;
  readonly code: number;

  constructor(
    code: number,
    reason: string,
    body: { readonly message: string; readonly details?: StatusDetails },
  ) {
    super(body.message);
    this.name = 'StatusError';
    this.code = code;
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: body.message,
      ...(reason === '' ? {} : { reason }),
      ...(body.details === undefined ? {} : { details: body.details }),
      code,
    };
  }
}

/** A kind of resource as errors name it. */
export interface GroupResource {
  readonly group: string;
  /** The plural name. */
  readonly plural: string;
}

/** `deployments.apps`, `pods`. */
export function groupResourceText(resource: GroupResource): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

function detailsOf(resource: GroupResource, name: string): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.plural,
  };
}

export function notFound(resource: GroupResource, name: string): StatusError {
  const message = `${groupResourceText(resource)} ${JSON.stringify(name)} not found`;
  return new StatusError(404, 'NotFound', { message, details: detailsOf(resource, name) });
}

export function alreadyExists(resource: GroupResource, name: string, suffix = ''): StatusError {
  const message = `${groupResourceText(resource)} ${JSON.stringify(name)} already exists${suffix}`;
  return new StatusError(409, 'AlreadyExists', { message, details: detailsOf(resource, name) });
}

export function conflict(resource: GroupResource, name: string, problem: string): StatusError {
  const message = `Operation cannot be fulfilled on ${groupResourceText(resource)} ${JSON.stringify(name)}: ${problem}`;
  return new StatusError(409, 'Conflict', { message, details: detailsOf(resource, name) });
}

export const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

export function forbidden(resource: GroupResource, name: string, problem: string): StatusError {
  const subject = name === '' ? '' : ` ${JSON.stringify(name)}`;
  const message = `${groupResourceText(resource)}${subject} is forbidden: ${problem}`;
  return new StatusError(403, 'Forbidden', { message, details: detailsOf(resource, name) });
}

export function methodNotSupported(resource: GroupResource, action: string): StatusError {
  const message = `${action} is not supported on resources of kind ${JSON.stringify(groupResourceText(resource))}`;
  return new StatusError(405, 'MethodNotAllowed', { message, details: detailsOf(resource, '') });
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', { message });
}

export function expired(message: string): StatusError {
  return new StatusError(410, 'Expired', { message });
}

export function tooManyRequests(message: string, details: StatusDetails): StatusError {
  return new StatusError(429, 'TooManyRequests', { message, details });
}

export function internalError(problem: string): StatusError {
  const details = { causes: [{ message: problem }] };
  return new StatusError(500, 'InternalError', { message: `Internal error occurred: ${problem}`, details });
}

export function unauthorized(): StatusError {
  return new StatusError(401, 'Unauthorized', { message: 'Unauthorized' });
}

/** What the server says of a path it does not know. */
export function pathNotFound(): StatusError {
  const message = 'the server could not find the requested resource';
  return new StatusError(404, 'NotFound', { message, details: {} });
}

/** What the router says of a method that a path does not have. */
export function methodNotAllowed(): StatusError {
  const message = 'the server does not allow this method on the requested resource';
  return new StatusError(405, 'MethodNotAllowed', { message, details: {} });
}

/** What the server reads and writes besides Tables and patches. */
const MEDIA_TYPES = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';

export function unsupportedMediaType(accepted = MEDIA_TYPES): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`;
  return new StatusError(415, 'UnsupportedMediaType', { message });
}

/** What the router says of a patch of a type that no kind takes. */
export function unknownPatchType(): StatusError {
  return new StatusError(415, 'UnsupportedMediaType', {
    message: '415: Unsupported Media Type',
    details: {},
  });
}

/** The media type is known, the form of it is not. */
export function notAcceptable(): StatusError {
  const message = `only the following media types are accepted: ${MEDIA_TYPES}`;
  return new StatusError(406, 'NotAcceptable', { message });
}

/** What the router says of a media type that nothing is served in. */
export function unknownMediaType(): StatusError {
  const streams = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';
  const message = `406: Not Acceptable\n\nAvailable representations: ${MEDIA_TYPES}, ${streams}`;
  return new StatusError(406, 'NotAcceptable', { message, details: {} });
}
