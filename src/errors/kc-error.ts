/**
 * The one error type of the product. Every failure that a user or an operator can see carries a code from
 * the catalogue, names the object and the field it is about, and says what to do.
 */
import { CATALOGUE, type ErrorCode, type RetryKind } from './catalogue.ts';

/** What an error is about; each part is optional, and `fix` is what the reader should do next. */
export interface ErrorDetail {
  /** The object concerned, e.g. `costoptimization shop/optimize-frontend`. */
  readonly object?: string;
  /** The field path inside the object, e.g. `spec.maxChangePercent`. */
  readonly field?: string;
  /** What is wrong, in one clause, lower case, without a full stop. */
  readonly problem: string;
  /** What mends it; falls back to the catalogue's advice for the code. */
  readonly fix?: string;
  readonly cause?: unknown;
}

/** An error with a stable code from the catalogue. */
export class KcError extends Error {
  readonly code: ErrorCode;
  readonly object: string | undefined;
  readonly field: string | undefined;
  readonly problem: string;
  readonly fix: string;

  constructor(code: ErrorCode, detail: ErrorDetail) {
    const fix = detail.fix ?? CATALOGUE[code].fix;
    const subject = [detail.object, detail.field].filter((part) => part !== undefined).join(': ');
    const head = subject === '' ? detail.problem : `${subject}: ${detail.problem}`;
    super(`${head}; ${fix} [${code}]`, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'KcError';
    this.code = code;
    this.object = detail.object;
    this.field = detail.field;
    this.problem = detail.problem;
    this.fix = fix;
  }

  /** The HTTP status that a service answers with for this code. */
  get status(): number {
    return CATALOGUE[this.code].status;
  }

  /** Whether trying again can help, and how. */
  get retry(): RetryKind {
    return CATALOGUE[this.code].retry;
  }
}

/** True if `error` is a KcError, and of `code` where one is given. */
export function isKcError(error: unknown, code?: ErrorCode): error is KcError {
  return error instanceof KcError && (code === undefined || error.code === code);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
