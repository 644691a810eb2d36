/** The answers and errors that a failing API server, or a failing network before it, gives. */
import { KcError } from '#errors/kc-error.ts';
import type { StatusObject } from '#apis/kubernetes/object.ts';
import type { WireRequest, WireResponse } from '#kube/transport/transport.ts';
import type { AnswerFault } from './fault-plan.ts';

const REASONS: Readonly<Record<AnswerFault['status'], readonly [reason: string, message: string]>> = {
  409: [
    'Conflict',
    'Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest version and try again',
  ],
  410: ['Expired', 'too old resource version'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  500: ['InternalError', 'Internal error occurred: injected fault'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'the server was unable to return a response in the time allotted'],
};

function statusOf(fault: Pick<AnswerFault, 'status' | 'retryAfterSeconds'>): StatusObject {
  const [reason, message] = REASONS[fault.status];
  const { retryAfterSeconds } = fault;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    code: fault.status,
    ...(retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } }),
  };
}

/** The answer of a fault, as the API server words it. */
export function faultAnswer(fault: Pick<AnswerFault, 'status' | 'retryAfterSeconds'>): WireResponse {
  const body = JSON.stringify(statusOf(fault));
  const retry = fault.retryAfterSeconds;
  return {
    status: fault.status,
    headers: {
      'content-type': 'application/json',
      ...(retry === undefined ? {} : { 'retry-after': String(retry) }),
    },
    text: () => Promise.resolve(body),
    chunks: async function* () {
      yield await Promise.resolve(body);
    },
  };
}

/** The line by which a watch says that its resource version is too old. */
export function expiredLine(): string {
  return `${JSON.stringify({ type: 'ERROR', object: statusOf({ status: 410 }) })}\n`;
}

/** No answer was had. */
export function unreachable(request: WireRequest, problem: string): KcError {
  return new KcError('KC_API_UNREACHABLE', { object: `${request.method} ${request.path}`, problem });
}
