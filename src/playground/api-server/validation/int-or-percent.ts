/** Numbers that may be given as a share: `maxSurge`, `minAvailable`. */
import { isPresent } from '../json/json.ts';
import { nonNegative } from './checks.ts';
import { type FieldErrors, NO_ERRORS, invalid } from './field-error.ts';
import { percentProblems } from './names.ts';
import { problemsAt } from './object-meta.ts';

/** A number that is not negative, or a percentage. */
export function intOrPercentErrors(value: unknown, field: string): FieldErrors {
  if (!isPresent(value)) return NO_ERRORS;
  return typeof value === 'string'
    ? problemsAt(field, value, percentProblems(value))
    : nonNegative(value, field);
}

/** A percentage is at most 100 %. */
export function atMostAllErrors(value: unknown, field: string): FieldErrors {
  const percent = typeof value === 'string' ? Number(/^(\d+)%$/.exec(value)?.[1]) : 0;
  return percent > 100 ? [invalid(field, value, 'must not be greater than 100%')] : NO_ERRORS;
}

/** Zero, as a number or as a percentage. */
export function isZero(value: unknown): boolean {
  return value === 0 || (typeof value === 'string' && /^0+%$/.test(value));
}
