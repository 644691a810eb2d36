/** What holds for custom resource definitions. */
import {
  type JsonObject,
  asList,
  asObject,
  asObjects,
  asText,
  isObject,
  isPresent,
  objectAt,
} from '../json/json.ts';
import { parseJsonPath } from '../json/json-path.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { each, filledText, formattedIfFilled } from '../validation/checks.ts';
import { messageOf } from '#errors/kc-error.ts';
import {
  type FieldErrors,
  NO_ERRORS,
  invalid,
  notSupported,
  prohibited,
  required,
} from '../validation/field-error.ts';
import { dns1035LabelProblems, dnsSubdomainProblems } from '../validation/names.ts';
import { immutableErrors } from '../validation/object-meta.ts';
import { compileProblem } from './cel-rules.ts';
import type { CustomSchema } from './custom-schema.ts';
import { unknownField } from './rule-fields.ts';
import { schemaErrors } from './schema-errors.ts';

const APPROVAL = 'api-approved.kubernetes.io';
const PROTECTED = /(^|\.)(k8s|kubernetes)\.io$/;
const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];

function approvalErrors(definition: ApiObject, group: string): FieldErrors {
  if (!PROTECTED.test(group)) return NO_ERRORS;
  const value = definition.metadata.annotations?.[APPROVAL];
  const field = `metadata.annotations[${APPROVAL}]`;
  const link = 'see https://github.com/kubernetes/enhancements/pull/1111';
  if (value === undefined || value === '') {
    return [
      required(field, `protected groups must have approval annotation ${JSON.stringify(APPROVAL)}, ${link}`),
    ];
  }
  if (value.startsWith('unapproved') || URL.canParse(value)) return NO_ERRORS;
  const problem = `protected groups must have approval annotation ${JSON.stringify(APPROVAL)} with either a URL or a reason starting with "unapproved", ${link}`;
  return [invalid(field, value, problem)];
}

function nameErrors(definition: ApiObject, spec: JsonObject): FieldErrors {
  const names = asObject(spec['names']);
  const group = asText(spec['group']);
  const name = definition.metadata.name ?? '';
  const isNamed = name === `${asText(names['plural'])}.${group}`;
  const isLone = !group.includes('.') && group !== '' && dnsSubdomainProblems(group).length === 0;
  return [
    ...(isNamed ? [] : [invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group')]),
    ...filledText(group, 'spec.group'),
    ...(isLone ? [invalid('spec.group', group, 'should be a domain with at least one dot')] : []),
    ...formattedIfFilled(group, 'spec.group', dnsSubdomainProblems),
    ...scopeErrors(spec['scope']),
    ...['plural', 'singular', 'kind', 'listKind'].flatMap((part) =>
      filledText(names[part], `spec.names.${part}`),
    ),
    ...['plural', 'singular'].flatMap((part) =>
      formattedIfFilled(names[part], `spec.names.${part}`, dns1035LabelProblems),
    ),
  ];
}

function scopeErrors(scope: unknown): FieldErrors {
  const scopes = ['Cluster', 'Namespaced'];
  if (asText(scope) === '') return [required('spec.scope')];
  return scopes.includes(asText(scope)) ? NO_ERRORS : [notSupported('spec.scope', scope, scopes)];
}

/** Like schemas, columns are told of as the definition's where there is only one version. */
function allColumnErrors(versions: readonly JsonObject[]): FieldErrors {
  return versions.flatMap(({ additionalPrinterColumns }, index) => {
    const place = versions.length === 1 ? 'spec' : `spec.versions[${index}]`;
    return each(additionalPrinterColumns, `${place}.additionalPrinterColumns`, columnErrors);
  });
}

function columnErrors(column: JsonObject, field: string): FieldErrors {
  const path = asText(column['jsonPath']);
  const isPathRead = path === '' || (path.startsWith('.') && parseJsonPath(path) !== undefined);
  return [
    ...filledText(column['name'], `${field}.name`),
    ...(COLUMN_TYPES.includes(asText(column['type']))
      ? []
      : [invalid(`${field}.type`, asText(column['type']), `must be one of ${COLUMN_TYPES.join(',')}`)]),
    ...filledText(path, `${field}.JSONPath`),
    ...(isPathRead
      ? []
      : [
          invalid(
            `${field}.JSONPath`,
            path,
            'is an invalid path: does not start with a . or cannot be parsed',
          ),
        ]),
  ];
}

function versionErrors(version: JsonObject, field: string): FieldErrors {
  const schema = objectAt(version, 'schema')['openAPIV3Schema'];
  return [
    ...formattedIfFilled(version['name'], `${field}.name`, dns1035LabelProblems),
    ...(isObject(schema) ? [] : [required(`${field}.schema.openAPIV3Schema`)]),
  ];
}

/** Errors of one schema are told under this path whatever the version, where there is only one version. */
function schemaField(index: number, count: number): string {
  return count === 1 ? 'spec.validation.openAPIV3Schema' : `spec.versions[${index}].schema.openAPIV3Schema`;
}

function typeErrors(schema: CustomSchema, field: string, isRoot: boolean): FieldErrors {
  const type = asText(schema.type);
  const isLoose =
    schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (type === '') {
    if (isRoot) return [required(`${field}.type`, 'must not be empty at the root')];
    return isLoose ? NO_ERRORS : [required(`${field}.type`, 'must not be empty for specified object fields')];
  }
  if (!TYPES.includes(type)) return [notSupported(`${field}.type`, type, TYPES)];
  if (isRoot && type !== 'object') return [invalid(`${field}.type`, type, 'must be object at the root')];
  return type === 'array' && !isObject(schema.items)
    ? [required(`${field}.items`, 'must be specified')]
    : NO_ERRORS;
}

function structuralErrors(schema: CustomSchema, field: string, isRoot: boolean): FieldErrors {
  if ('$ref' in schema) return [prohibited(`${field}.$ref`, '$ref is not supported')];
  const rules = (rule: JsonObject, place: string): FieldErrors => ruleErrors(rule, place, { schema, isRoot });
  return [
    ...typeErrors(schema, field, isRoot),
    ...mapErrors(schema, field, isRoot),
    ...patternErrors(schema, field),
    ...listErrors(schema, field),
    ...defaultErrors(schema, field),
    ...each(schema['x-kubernetes-validations'], `${field}.x-kubernetes-validations`, rules),
    ...childErrors(schema, field),
  ];
}

/** A map has values of one kind, an object has fields: no value is both. */
function mapErrors(schema: CustomSchema, field: string, isRoot: boolean): FieldErrors {
  if (schema.additionalProperties === undefined) return NO_ERRORS;
  const place = `${field}.additionalProperties`;
  const isBoth = schema.properties !== undefined && schema.additionalProperties !== false;
  return [
    ...(isRoot ? [prohibited(place, 'must not be used at the root')] : []),
    ...(isBoth
      ? [
          invalid(field, { ...schema }, 'additionalProperties and properties are mutual exclusive'),
          prohibited(place, 'additionalProperties and properties are mutual exclusive'),
        ]
      : []),
  ];
}

function patternErrors({ pattern }: CustomSchema, field: string): FieldErrors {
  if (pattern === undefined) return NO_ERRORS;
  try {
    RegExp(pattern, 'u');
    return NO_ERRORS;
  } catch (error) {
    return [
      invalid(
        `${field}.pattern`,
        pattern,
        `must be a valid regular expression, but isn't: ${messageOf(error)}`,
      ),
    ];
  }
}

function childErrors(schema: CustomSchema, field: string): FieldErrors {
  const properties = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    structuralErrors(property, `${field}.properties[${name}]`, false),
  );
  const items = isObject(schema.items) ? structuralErrors(schema.items, `${field}.items`, false) : [];
  const { additionalProperties } = schema;
  const values = isObject(additionalProperties)
    ? structuralErrors(additionalProperties, `${field}.additionalProperties`, false)
    : [];
  return [...properties, ...items, ...values];
}

function listErrors(schema: CustomSchema, field: string): FieldErrors {
  if (schema['x-kubernetes-list-type'] !== 'map') return NO_ERRORS;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (keys.length === 0) {
    return [
      required(`${field}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'),
    ];
  }
  const { properties = {}, required: needed = [] } = schema.items ?? {};
  return keys
    .filter((key) => properties[key]?.default === undefined && !needed.includes(key))
    .map((key) =>
      required(
        `${field}.items.properties[${key}].default`,
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
      ),
    );
}

/** A default is itself valid. */
function defaultErrors(schema: CustomSchema, field: string): FieldErrors {
  if (schema.default === undefined) return NO_ERRORS;
  const { default: value, ...rest } = schema;
  return schemaErrors(rest, value, { field: `${field}.default` });
}

/** Where a rule stands. */
interface RulePlace {
  readonly schema: CustomSchema;
  readonly isRoot: boolean;
}

function ruleErrors(rule: JsonObject, field: string, { schema, isRoot }: RulePlace): FieldErrors {
  const text = asText(rule['rule']);
  if (text.trim() === '') return [required(`${field}.rule`, 'rule is not specified')];
  const problem = compileProblem(text) ?? unknownField(schema, text, isRoot);
  const message = asText(rule['message']);
  return [
    ...(problem === undefined
      ? []
      : [invalid(`${field}.rule`, { ...rule }, `compilation failed: ${problem}`)]),
    ...(message.includes('\n')
      ? [invalid(`${field}.message`, message, 'message must not contain line breaks')]
      : []),
    ...(isPresent(rule['messageExpression']) &&
    compileProblem(asText(rule['messageExpression'])) !== undefined
      ? [invalid(`${field}.messageExpression`, { ...rule }, 'messageExpression compilation failed')]
      : []),
  ];
}

export function definitionErrors(definition: ApiObject): FieldErrors {
  const spec = asObject(definition['spec']);
  const versions = asObjects(spec['versions']);
  const stored = versions.filter((version) => version['storage'] === true);
  const kept = asList(objectAt(definition, 'status')['storedVersions']);
  const named = versions.length > 0 ? versions : null;
  return [
    ...nameErrors(definition, spec),
    ...approvalErrors(definition, asText(spec['group'])),
    ...each(spec['versions'], 'spec.versions', versionErrors),
    ...allColumnErrors(versions),
    ...(stored.length === 1
      ? []
      : [invalid('spec.versions', named, 'must have exactly one version marked as storage version')]),
    ...versions.flatMap((version, index) => {
      const schema = objectAt(version, 'schema')['openAPIV3Schema'];
      return isObject(schema) ? structuralErrors(schema, schemaField(index, versions.length), true) : [];
    }),
    ...(kept.length === 0
      ? [invalid('status.storedVersions', null, 'must have at least one stored version')]
      : []),
  ];
}

/** What an established definition may not change. */
export function definitionChangeErrors(definition: ApiObject, previous: ApiObject): FieldErrors {
  const spec = objectAt(definition, 'spec');
  const before = objectAt(previous, 'spec');
  return [
    ...immutableErrors('spec.group', spec['group'], before['group']),
    ...immutableErrors('spec.scope', spec['scope'], before['scope']),
    ...immutableErrors('spec.names.kind', objectAt(spec, 'names')['kind'], objectAt(before, 'names')['kind']),
    ...immutableErrors(
      'spec.names.plural',
      objectAt(spec, 'names')['plural'],
      objectAt(before, 'names')['plural'],
    ),
  ];
}
