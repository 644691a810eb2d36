/**
 * Errors as problem documents (RFC 9457). What a caller did wrong is a 4xx that names the field; a source that is down
 * is a 503 that says when to ask again; only a defect of ours is a 500, and it tells nothing but the request's id.
 */
import { type Static, Type } from 'typebox';
import { CATALOGUE, type ErrorCode } from '#errors/catalogue.ts';
import { isKcError, KcError } from '#errors/kc-error.ts';
import { ApiError, isTransient } from '#kube/client/api-error.ts';
import { InvalidRequest } from './field-problem.ts';

export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'Where the code is explained.' }),
    title: Type.String({ description: 'What the code means.' }),
    status: Type.Integer({ description: 'The HTTP status.' }),
    detail: Type.String({ description: 'What is wrong with this very request, and what to do.' }),
    code: Type.String({ description: 'Stable: scripts may rely on it.' }),
    instance: Type.Optional(Type.String({ description: 'The path that was asked for.' })),
    field: Type.Optional(Type.String({ description: 'The field that is wrong; the first of them.' })),
    errors: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), message: Type.String() }), {
        description: 'Every field that is wrong.',
      }),
    ),
    request_id: Type.String({ description: 'Under this id the log has more.' }),
  },
  { description: 'A problem document (RFC 9457).' },
);
export type Problem = Static<typeof ProblemSchema>;

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** How long to wait where nobody says, in seconds. */
const RETRY_AFTER_SECONDS = 10;

export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  /** True for a defect of ours, which belongs in the log with its stack. */
  readonly defect: boolean;
}

/** A KcError with headers of its own, such as Allow or Retry-After. */
export class AnsweredError extends KcError {
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, problem: string, headers: Readonly<Record<string, string>> = {}) {
    super(code, { problem });
    this.name = 'AnsweredError';
    this.headers = headers;
  }
}

interface Asked {
  readonly requestId: string;
  readonly path?: string;
}

export function problemOf(error: unknown, asked: Asked): ProblemAnswer {
  const known = knownError(error);
  const { code } = known;
  const status = statusOf(known);
  const problem: Problem = {
    type: `https://kcloud.io/docs/reference/errors#${code.toLowerCase()}`,
    title: CATALOGUE[code].meaning,
    status,
    detail: detailOf(known),
    code,
    ...(asked.path === undefined ? {} : { instance: asked.path.slice(0, 500) }),
    ...(known.field === undefined ? {} : { field: known.field }),
    ...(known instanceof InvalidRequest ? { errors: [...known.problems] } : {}),
    request_id: asked.requestId,
  };
  const headers = known instanceof AnsweredError ? known.headers : {};
  const waits = status === 429 || status === 503 ? { 'retry-after': retryAfter(error) } : {};
  return { problem, headers: { ...waits, ...headers }, defect: code === 'KC_INTERNAL' };
}

function knownError(error: unknown): KcError {
  if (isKcError(error)) return error;
  return (
    fromFramework(error) ?? new KcError('KC_INTERNAL', { problem: 'the request met a defect', cause: error })
  );
}

/** A refusal by an API server that will not pass by itself is no fault of the caller: a gateway that has no answer. */
function statusOf(error: KcError): number {
  if (error instanceof ApiError) return isTransient(error) || error.httpStatus === 403 ? 503 : 502;
  const { status } = error;
  return status > 500 ? 503 : status === 500 && error.code !== 'KC_INTERNAL' ? 503 : status;
}

function detailOf(error: KcError): string {
  const subject = [error.object, error.field].filter((part) => part !== undefined).join(': ');
  return `${subject === '' ? '' : `${subject}: `}${error.problem}; ${error.fix}`;
}

function retryAfter(error: unknown): string {
  const askedMs = error instanceof ApiError ? error.retryAfterMs : undefined;
  return String(askedMs === undefined ? RETRY_AFTER_SECONDS : Math.ceil(askedMs / 1000));
}

const FRAMEWORK_CODES: Readonly<Record<number, ErrorCode>> = {
  404: 'KC_NOT_FOUND',
  413: 'KC_BODY_TOO_LARGE',
  415: 'KC_MEDIA_TYPE_UNSUPPORTED',
};

/** What Fastify refuses by itself: bodies and addresses that cannot be read. */
function fromFramework(error: unknown): KcError | undefined {
  const { statusCode, message = 'cannot be read' } = error as { statusCode?: number; message?: string };
  if (!(error instanceof Error) || statusCode === undefined || statusCode >= 500) return undefined;
  return new KcError(FRAMEWORK_CODES[statusCode] ?? 'KC_REQUEST_MALFORMED', {
    problem: message.slice(0, 200),
    cause: error,
  });
}
