/** No answer was had from the server. */
import { KcError } from '#errors/kc-error.ts';

/** KC_API_UNREACHABLE with what decides whether the call may be repeated. */
export class UnreachableError extends KcError {
  /** False where the server surely never saw the request: the connection was not even made. */
  readonly sent: boolean;

  constructor(
    call: string,
    detail: { readonly problem: string; readonly sent: boolean; readonly cause?: unknown },
  ) {
    super('KC_API_UNREACHABLE', { object: call, problem: detail.problem, cause: detail.cause });
    this.name = 'UnreachableError';
    this.sent = detail.sent;
  }
}
