/** The CEL rules of a schema (`x-kubernetes-validations`). */
import type { Environment } from '@marcbachmann/cel-js';
import { type CelProgram, celEnvironment, celProblem, compileCel } from '../cel/environment.ts';
import { messageOf } from '#errors/kc-error.ts';
import { type JsonObject, asObject, isList, isObject, isPresent } from '../json/json.ts';
import { type FieldError, type FieldErrors, NO_ERRORS } from '../validation/field-error.ts';
import { celValue } from './cel-value.ts';
import { previousItems } from './correlation.ts';
import { type CustomSchema, type ValidationRule, fieldSchema } from './custom-schema.ts';
import type { Place } from './schema-errors.ts';

interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program: CelProgram;
  readonly message: CelProgram | undefined;
  /** A rule about the change compares with the value before. */
  readonly isTransition: boolean;
}

/** All environments know the same variables, so one serves all rules. */
let shared: Environment | undefined;

function environment(): Environment {
  shared ??= celEnvironment(['self', 'oldSelf']);
  return shared;
}

const HEADS: Readonly<Record<string, string>> = {
  FieldValueInvalid: 'Invalid value',
  FieldValueForbidden: 'Forbidden',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
};

/** Evaluates the rules of one schema; they are compiled once. */
export class CelRules {
  readonly #compiled = new WeakMap<CustomSchema, readonly CompiledRule[]>();
  readonly #schema: CustomSchema;
  /** Whether there is any rule. */
  readonly isEmpty: boolean;

  constructor(schema: CustomSchema) {
    this.#schema = schema;
    this.isEmpty = !hasRules(schema);
  }

  /** Errors of an object; `before` is absent on creation. */
  errors(object: JsonObject, before: JsonObject | undefined): FieldErrors {
    return this.isEmpty ? NO_ERRORS : this.#visit(this.#schema, object, { field: '', before });
  }

  #visit(schema: CustomSchema, value: unknown, place: Place): FieldErrors {
    if (value === undefined || (place.before !== undefined && value === place.before)) return NO_ERRORS;
    const own = this.#rulesOf(schema).flatMap((rule) => evaluate(rule, { schema, value, place }));
    return [...own, ...this.#visitParts(schema, value, place)];
  }

  #visitParts(schema: CustomSchema, value: unknown, { field, before }: Place): FieldErrors {
    if (isList(value)) {
      const { items } = schema;
      if (items === undefined) return NO_ERRORS;
      const old = previousItems(schema, before);
      return value.flatMap((item, index) =>
        this.#visit(items, item, { field: `${field}[${index}]`, before: old(item) }),
      );
    }
    if (!isObject(value)) return NO_ERRORS;
    const old = asObject(before);
    return Object.entries(value).flatMap(([name, inner]) => {
      const known = fieldSchema(schema, name);
      const path = field === '' ? name : `${field}.${name}`;
      return known === undefined ? NO_ERRORS : this.#visit(known, inner, { field: path, before: old[name] });
    });
  }

  #rulesOf(schema: CustomSchema): readonly CompiledRule[] {
    const rules = schema['x-kubernetes-validations'];
    if (rules === undefined) return [];
    const known = this.#compiled.get(schema);
    if (known !== undefined) return known;
    const compiled = rules.map(compile);
    this.#compiled.set(schema, compiled);
    return compiled;
  }
}

function compile(rule: ValidationRule): CompiledRule {
  const { messageExpression } = rule;
  return {
    rule,
    program: compileCel(environment(), rule.rule),
    message:
      isPresent(messageExpression) && messageExpression !== ''
        ? compileCel(environment(), messageExpression)
        : undefined,
    isTransition: /\boldSelf\b/.test(rule.rule),
  };
}

/** Why a rule cannot be compiled; undefined where it can. */
export function compileProblem(expression: string): string | undefined {
  return celProblem(environment(), expression);
}

interface Subject {
  readonly schema: CustomSchema;
  readonly value: unknown;
  readonly place: Place;
}

function evaluate(compiled: CompiledRule, { schema, value, place }: Subject): FieldErrors {
  const { rule, program, isTransition } = compiled;
  const isFirst = place.before === undefined;
  if (isTransition && isFirst && rule.optionalOldSelf !== true) return NO_ERRORS;
  const variables = {
    self: celValue(schema, value),
    oldSelf: isFirst ? null : celValue(schema, place.before),
  };
  try {
    if (program(variables) === true) return NO_ERRORS;
  } catch (error) {
    const text = `${messageOf(error).split('\n')[0] ?? ''} evaluating rule: ${rule.message ?? rule.rule}`;
    return [ruleError(rule, place.field, { text, value })];
  }
  return [ruleError(rule, place.field, { text: messageText(compiled, variables), value })];
}

function messageText({ rule, message }: CompiledRule, variables: JsonObject): string {
  try {
    const text = message?.(variables);
    if (typeof text === 'string' && text.trim() !== '') return text;
  } catch {
    // A message that cannot be made gives way to the plain one.
  }
  return isPresent(rule.message) && rule.message !== '' ? rule.message : `failed rule: ${rule.rule.trim()}`;
}

interface Violation {
  readonly text: string;
  readonly value: unknown;
}

/** A scalar that is invalid is shown; what is inside of objects and lists is not. */
function ruleError(rule: ValidationRule, field: string, { text, value }: Violation): FieldError {
  const reason = rule.reason ?? 'FieldValueInvalid';
  const isShown = reason === 'FieldValueInvalid' && typeof value !== 'object';
  const path = `${field}${rule.fieldPath ?? ''}`.replace(/^\./, '');
  return {
    reason,
    field: path === '' ? '<nil>' : path,
    body: `${HEADS[reason] ?? 'Invalid value'}: ${isShown ? `${JSON.stringify(value)}: ` : ''}${text}`,
  };
}

function hasRules(schema: CustomSchema): boolean {
  if ((schema['x-kubernetes-validations'] ?? []).length > 0) return true;
  const { additionalProperties, items } = schema;
  const parts = [...Object.values(schema.properties ?? {}), items, additionalProperties];
  return parts.some((part) => isObject(part) && hasRules(part));
}
