/** SQLite's result codes (https://www.sqlite.org/rescode.html) as errors of the catalogue. */
import type { ErrorCode } from '#errors/catalogue.ts';
import { KcError, isKcError, messageOf } from '#errors/kc-error.ts';

const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;
const SQLITE_ERROR = 1;
const SQLITE_MISUSE = 21;
const SQLITE_CONSTRAINT = 19;

/** What keeps a file from being used although it is in order. */
const REASONS: Readonly<Record<number, string>> = {
  5: 'another process holds it locked',
  6: 'another process holds it locked',
  8: 'it may not be written',
  10: 'reading or writing failed',
  13: 'the disk is full',
  14: 'it cannot be opened',
  23: 'access was denied',
};

/** The primary result code of an error that SQLite raised; undefined for any other error. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  // Extended codes carry the primary one in their low byte.
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

export function isCannotOpen(error: unknown): boolean {
  return resultCode(error) === 14;
}

/** The error of the catalogue for what SQLite or the file system raised. A mistake in our own SQL stays what it is. */
export function storeError(error: unknown, object: string): unknown {
  const code = resultCode(error);
  if (
    isKcError(error) ||
    code === undefined ||
    [SQLITE_ERROR, SQLITE_MISUSE, SQLITE_CONSTRAINT].includes(code)
  ) {
    return error;
  }
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) {
    return failure('KC_STORE_CORRUPT', object, { problem: messageOf(error), cause: error });
  }
  const reason = REASONS[code] ?? 'it cannot be used';
  return failure('KC_STORE_UNAVAILABLE', object, {
    problem: `${reason} (${messageOf(error)})`,
    cause: error,
  });
}

interface Failure {
  readonly problem: string;
  readonly fix?: string;
  readonly cause?: unknown;
}

export function failure(code: ErrorCode, object: string, detail: Failure): KcError {
  return new KcError(code, { object, ...detail });
}
