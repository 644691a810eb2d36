/** The definitions of built-in kinds in the form of OpenAPI v3, descriptions included. */
import { type JsonObject, isObject } from '../json/json.ts';
import type { Definitions } from '../schema/definitions.ts';
import type { Descriptions } from '../schema/load-schemas.ts';
import type { RawSchema } from '../schema/raw-definition.ts';

const PREFIX = '#/components/schemas/';

/** What OpenAPI calls the keys of our definitions. */
const NAMES: readonly (readonly [keyof RawSchema, string])[] = [
  ['type', 'type'],
  ['format', 'format'],
  ['required', 'required'],
  ['enum', 'enum'],
  ['oneOf', 'oneOf'],
  ['kinds', 'x-kubernetes-group-version-kind'],
  ['listType', 'x-kubernetes-list-type'],
  ['listMapKeys', 'x-kubernetes-list-map-keys'],
  ['mapType', 'x-kubernetes-map-type'],
  ['patchMergeKey', 'x-kubernetes-patch-merge-key'],
  ['patchStrategy', 'x-kubernetes-patch-strategy'],
];

export class BuiltinSchemas {
  readonly #definitions: Definitions;
  readonly #descriptions: Descriptions;

  constructor(definitions: Definitions, descriptions: Descriptions) {
    this.#definitions = definitions;
    this.#descriptions = descriptions;
  }

  /** Adds the definitions of these names, and all that they refer to, to `schemas`. */
  collect(names: Iterable<string>, schemas: Record<string, unknown>): void {
    for (const name of names) {
      if (schemas[name] !== undefined) continue;
      schemas[name] = this.#definition(name);
      this.collect(references(this.#definitions.raw(name)), schemas);
    }
  }

  #definition(name: string): JsonObject {
    const raw = this.#definitions.raw(name);
    const texts = this.#descriptions[name] ?? {};
    const properties = Object.entries(raw.properties ?? {}).map(([property, schema]) => [
      property,
      described(schema, texts[property]),
    ]);
    return {
      ...(texts[''] === undefined ? {} : { description: texts[''] }),
      ...plain(raw),
      ...(raw.properties === undefined ? {} : { properties: Object.fromEntries(properties) as JsonObject }),
    };
  }
}

export function referenceTo(name: string): JsonObject {
  return { $ref: `${PREFIX}${name}` };
}

/** Beside a reference nothing may stand, so one with a description or a default is wrapped. */
function described(schema: RawSchema, description: string | undefined): JsonObject {
  const text = description === undefined ? {} : { description };
  const standard = defaultOf(schema);
  if (schema.ref === undefined) return { ...text, ...plain(schema), ...standard };
  return { ...text, ...standard, ...plain(schema), allOf: [referenceTo(schema.ref)] };
}

function defaultOf({ default: standard, zero }: RawSchema): JsonObject {
  const value = standard ?? zero;
  return value === undefined || value === null ? {} : { default: value };
}

function plain(schema: RawSchema): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [from, to] of NAMES) if (schema[from] !== undefined) result[to] = schema[from];
  if (schema.items !== undefined) result['items'] = element(schema.items);
  if (schema.additionalProperties !== undefined) {
    result['additionalProperties'] = element(schema.additionalProperties);
  }
  return result;
}

function element(schema: RawSchema): JsonObject {
  if (schema.ref === undefined) return { ...plain(schema), ...defaultOf(schema) };
  const standard = defaultOf(schema);
  return Object.keys(standard).length === 0
    ? referenceTo(schema.ref)
    : { ...standard, allOf: [referenceTo(schema.ref)] };
}

function references(schema: RawSchema): readonly string[] {
  const children = [
    ...Object.values(schema.properties ?? {}),
    schema.items,
    schema.additionalProperties,
  ].filter((child) => isObject(child)) as readonly RawSchema[];
  return [...(schema.ref === undefined ? [] : [schema.ref]), ...children.flatMap(references)];
}
