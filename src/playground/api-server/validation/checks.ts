/** The vocabulary of validation: small questions asked of one field, each answered with the errors it finds. */
import { type JsonObject, asList, asText, isObject, isPresent } from '../json/json.ts';
import { type FieldErrors, NO_ERRORS, invalid, notSupported, required } from './field-error.ts';
import type { Problems } from './names.ts';

export const NOT_NEGATIVE = 'must be greater than or equal to 0';
const POSITIVE = 'must be greater than zero';

/** Errors of every object of a list, with the field path of each. */
export function each(
  list: unknown,
  field: string,
  check: (item: JsonObject, field: string) => FieldErrors,
): FieldErrors {
  const errors = asList(list).flatMap((item, index) =>
    check(isObject(item) ? item : {}, `${field}[${index}]`),
  );
  return errors.length === 0 ? NO_ERRORS : errors;
}

/** A number, where there is one, is not below zero. */
export function nonNegative(value: unknown, field: string): FieldErrors {
  return typeof value === 'number' && value < 0 ? [invalid(field, value, NOT_NEGATIVE)] : NO_ERRORS;
}

export function positive(value: unknown, field: string): FieldErrors {
  return typeof value === 'number' && value <= 0 ? [invalid(field, value, POSITIVE)] : NO_ERRORS;
}

/** The fields of an object, where they are there, are not below zero. */
export function nonNegativeFields(object: JsonObject, field: string, names: readonly string[]): FieldErrors {
  return names.flatMap((name) => nonNegative(object[name], `${field}.${name}`));
}

export function filledText(value: unknown, field: string, detail = ''): FieldErrors {
  return asText(value) === '' ? [required(field, detail)] : NO_ERRORS;
}

/** A text is one of the options; an empty one is missing. */
export function oneOf(value: unknown, field: string, options: readonly string[]): FieldErrors {
  if (!isPresent(value) || value === '') return [required(field)];
  return options.includes(asText(value)) ? NO_ERRORS : [notSupported(field, value, options)];
}

/** A text, where there is one, is one of the options. */
export function oneOfIfPresent(value: unknown, field: string, options: readonly string[]): FieldErrors {
  return isPresent(value) ? oneOf(value, field, options) : NO_ERRORS;
}

/** A text has a format. */
export function formatted(
  value: unknown,
  field: string,
  problemsOf: (text: string) => Problems,
): FieldErrors {
  return problemsOf(asText(value)).map((problem) => invalid(field, value, problem));
}

/** A text, where it is not empty, has a format. */
export function formattedIfFilled(
  value: unknown,
  field: string,
  problemsOf: (text: string) => Problems,
): FieldErrors {
  return asText(value) === '' ? NO_ERRORS : formatted(value, field, problemsOf);
}
