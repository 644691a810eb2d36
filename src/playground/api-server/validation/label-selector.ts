/** What holds for structured label selectors. */
import { type JsonObject, asList, asText, isObject } from '../json/json.ts';
import { each } from './checks.ts';
import { type FieldErrors, NO_ERRORS, invalid, prohibited, required } from './field-error.ts';
import { labelValueProblems, qualifiedNameProblems } from './names.ts';
import { labelErrors, problemsAt } from './object-meta.ts';

type LabelMap = Readonly<Record<string, string>>;

function valuesErrors(expression: JsonObject, field: string): FieldErrors {
  const operator = asText(expression['operator']);
  const count = asList(expression['values']).length;
  switch (operator) {
    case 'In':
    case 'NotIn':
      return count > 0
        ? NO_ERRORS
        : [required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      return count === 0
        ? NO_ERRORS
        : [
            prohibited(
              `${field}.values`,
              "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            ),
          ];
    default:
      return [invalid(`${field}.operator`, operator, 'not a valid selector operator')];
  }
}

function expressionErrors(expression: JsonObject, field: string): FieldErrors {
  const key = asText(expression['key']);
  const values = asList(expression['values']).flatMap((value, index) =>
    problemsAt(`${field}.values[${index}]`, value, labelValueProblems(asText(value))),
  );
  return [
    ...valuesErrors(expression, field),
    ...problemsAt(`${field}.key`, key, qualifiedNameProblems(key)),
    ...values,
  ];
}

/** Errors of a selector; an absent one has none. */
export function labelSelectorErrors(selector: unknown, field: string): FieldErrors {
  if (!isObject(selector)) return NO_ERRORS;
  return [
    ...labelErrors(selector['matchLabels'] as LabelMap | undefined, `${field}.matchLabels`),
    ...each(selector['matchExpressions'], `${field}.matchExpressions`, expressionErrors),
  ];
}

/** Neither labels nor expressions: it would select everything. */
export function isEmptySelector(selector: JsonObject): boolean {
  const labels = selector['matchLabels'];
  const count = isObject(labels) ? Object.keys(labels).length : 0;
  return count + asList(selector['matchExpressions']).length === 0;
}
