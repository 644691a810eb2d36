/** The rules of custom resources: what their schema, its CEL rules and their scale say. */
import { allBut } from '../apply/field-filter.ts';
import { type JsonObject, isList, isObject, isPresent, valueAt } from '../json/json.ts';
import { goText } from '../json/print.ts';
import {
  type KindRules,
  type UpdateRules,
  isNewContent,
  kindRules,
  withField,
} from '../resources/kind-rules.ts';
import type { ScalePaths } from '../resources/resource.ts';
import { selectable } from '../selectors/field-selector.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { type FieldError, type FieldErrors, invalid } from '../validation/field-error.ts';
import { CelRules } from './cel-rules.ts';
import type { CustomSchema } from './custom-schema.ts';
import { listErrors } from './list-errors.ts';
import { content } from './prune.ts';
import { schemaErrors } from './schema-errors.ts';

export interface CustomKind {
  readonly schema: CustomSchema;
  readonly hasStatus: boolean;
  readonly scale: ScalePaths | undefined;
  readonly selectableFields: readonly string[];
}

/** Errors of these kinds leave too little to evaluate rules on. */
const BLOCKING = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const UNCHECKED: FieldError = {
  reason: 'FieldValueInvalid',
  field: '<nil>',
  body: 'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
};

const MAX_INT32 = 2 ** 31 - 1;

/** What the replicas of a scale may be. */
function replicaErrors(object: ApiObject, path: readonly string[]): FieldErrors {
  const field = `.${path.join('.')}`;
  const value = valueAt(object, ...path);
  const holder = valueAt(object, ...path.slice(0, -1));
  if (isPresent(holder) && !isObject(holder)) return [accessorError(field, holder, 'map[string]interface{}')];
  if (!isPresent(value)) return [];
  if (typeof value !== 'number' || !Number.isInteger(value)) return [accessorError(field, value, 'int64')];
  if (value < 0) return [invalid(field, value, 'should be a non-negative integer')];
  return value > MAX_INT32 ? [invalid(field, value, `should be less than or equal to ${MAX_INT32}`)] : [];
}

function accessorError(field: string, value: unknown, wanted: string): FieldError {
  return invalid(
    field,
    0,
    `${field} accessor error: ${goText(value)} is of the type ${goType(value)}, expected ${wanted}`,
  );
}

function goType(value: unknown): string {
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'boolean') return 'bool';
  return isList(value) ? '[]interface {}' : typeof value;
}

export function customRules(kind: CustomKind): KindRules {
  const { schema, hasStatus, scale } = kind;
  const cel = new CelRules(schema);
  const validate = (object: ApiObject, before?: ApiObject): FieldErrors => {
    const fields = content(object);
    const old = before === undefined ? undefined : content(before);
    const errors = [
      ...schemaErrors(schema, fields, { field: '', ...(old === undefined ? {} : { before: old }) }),
      ...(scale === undefined ? [] : replicaErrors(object, scale.specReplicas)),
      ...(scale === undefined ? [] : replicaErrors(object, scale.statusReplicas)),
      ...listErrors(schema, fields, ''),
    ];
    if (cel.isEmpty) return errors;
    if (errors.some(({ reason }) => BLOCKING.has(reason))) return [...errors, UNCHECKED];
    return [
      ...errors,
      ...cel.errors(withMetadata(object), before === undefined ? undefined : withMetadata(before)),
    ];
  };
  return withUpdate(
    kindRules({
      unconditionalUpdate: false,
      isNewGeneration: isNewContent,
      validate: (object) => validate(object),
      warnings: (object) => finalizerWarnings(object),
      selectable: selectable(...kind.selectableFields),
      ...(hasStatus ? { status: { blank: undefined } } : {}),
    }),
    { validate, hasStatus },
  );
}

/** Of the metadata rules see the name alone. */
function withMetadata(object: ApiObject): JsonObject {
  const { name, generateName } = object.metadata;
  const metadata = {
    ...(name === undefined ? {} : { name }),
    ...(generateName === undefined ? {} : { generateName }),
  };
  return { apiVersion: object.apiVersion, kind: object.kind, metadata, ...content(object) };
}

type Validate = (object: ApiObject, before?: ApiObject) => FieldErrors;

/** Changes are judged against what was there before; a status update changes nothing else at all. */
function withUpdate(
  rules: KindRules,
  { validate, hasStatus }: { validate: Validate; hasStatus: boolean },
): KindRules {
  const status: UpdateRules = {
    prepare: (object, previous) => {
      const { managedFields } = object.metadata;
      const metadata = { ...previous.metadata, ...(managedFields === undefined ? {} : { managedFields }) };
      const { resourceVersion } = object.metadata;
      return withField(
        {
          ...previous,
          metadata: { ...metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
        },
        'status',
        object['status'],
      );
    },
    validate,
    ownable: allBut(['metadata'], ['spec']),
  };
  return {
    ...rules,
    update: { ...rules.update, validate },
    views: hasStatus ? { ...rules.views, status } : rules.views,
  };
}

const STANDARD_FINALIZERS = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

function finalizerWarnings(object: ApiObject): readonly string[] {
  return (object.metadata.finalizers ?? [])
    .filter((name) => !name.includes('/') && !STANDARD_FINALIZERS.has(name))
    .map((name) => {
      const path = name.includes('.') ? ' including a path (/)' : '';
      const advice = `prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`;
      return `metadata.finalizers: ${JSON.stringify(name)}: ${advice}`;
    });
}
