/** The reference page of a custom resource in Markdown, from the definition that the cluster gets. */
import type { CustomResourceDefinition } from '#apis/kubernetes/builtin.ts';
import type { StructuralSchema } from './schema-shape.ts';

/** A page: what the kind is, then one table for each object in it, in the order of the schema. */
export function crdReference(crd: CustomResourceDefinition): string {
  const { names, group, scope, versions } = crd.spec;
  const pages = versions.map((version) => {
    const schema = version.schema?.openAPIV3Schema as StructuralSchema | undefined;
    const { metadata: _metadata, apiVersion: _apiVersion, kind: _kind, ...own } = schema?.properties ?? {};
    const facts = [
      `- API version: \`${group}/${version.name}\``,
      `- Scope: ${scope}`,
      `- Names: ${[names.plural, names.singular, ...(names.shortNames ?? [])].map((name) => `\`${name ?? ''}\``).join(', ')}`,
    ];
    const head = [`# ${names.kind}`, '', schema?.description ?? '', '', ...facts];
    const members = Object.entries(own).flatMap(([name, member]) => section(name, member));
    return [...head, ...members, ...columns(version.additionalPrinterColumns ?? []), ''].join('\n');
  });
  return pages.join('\n');
}

/** A heading, the description, a table of the members, and the sections of the objects among them. */
function section(path: string, schema: StructuralSchema): string[] {
  const required = new Set(schema.required ?? []);
  const members = Object.entries(schema.properties ?? {});
  if (members.length === 0) return [];
  const rows = members.map(([name, member]) => row(name, member, required.has(name)));
  const nested = members.flatMap(([name, member]) => {
    const { path: at, object } = objectIn(`${path}.${name}`, member);
    return object === undefined ? [] : section(at, object);
  });
  const table = ['| field | type | default | rules | description |', '|---|---|---|---|---|', ...rows];
  return ['', `## ${path}`, '', ...lines(schema.description), ...rulesOf(schema), ...table, ...nested];
}

function lines(text: string | undefined): string[] {
  return text === undefined ? [] : [text, ''];
}

/** The object that a member holds: itself, or the items of a list or the values of a map. */
function objectIn(
  path: string,
  schema: StructuralSchema,
): { readonly path: string; readonly object?: StructuralSchema } {
  if (schema.items !== undefined) return objectIn(`${path}[]`, schema.items);
  if (schema.additionalProperties !== undefined) return objectIn(`${path}.*`, schema.additionalProperties);
  return schema.properties === undefined ? { path } : { path, object: schema };
}

function row(name: string, schema: StructuralSchema, isRequired: boolean): string {
  const standard = schema['default'];
  const cells = [
    `\`${name}\`${isRequired ? ' (required)' : ''}`,
    typeText(schema),
    standard === undefined ? '' : `\`${JSON.stringify(standard)}\``,
    [...bounds(schema), ...ruleTexts(schema.properties === undefined ? schema : {})].join('; '),
    schema.description ?? schema.items?.description ?? '',
  ];
  return `| ${cells.map(cell).join(' | ')} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function typeText(schema: StructuralSchema): string {
  if (schema['x-kubernetes-int-or-string'] === true) return 'integer or string';
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.items !== undefined) return `list of ${typeText(schema.items)}`;
  if (schema.additionalProperties !== undefined) return `map of ${typeText(schema.additionalProperties)}`;
  return schema.type ?? 'any';
}

const BOUNDS: Readonly<Record<string, string>> = {
  minimum: '≥', maximum: '≤', minLength: 'length ≥', maxLength: 'length ≤', minItems: 'items ≥', maxItems: 'items ≤',
  multipleOf: 'multiple of', pattern: 'matches', format: 'format',
}; // prettier-ignore

function bounds(schema: StructuralSchema): string[] {
  return Object.entries(BOUNDS)
    .filter(([keyword]) => schema[keyword] !== undefined)
    .map(([keyword, text]) => {
      const value = String(schema[keyword]);
      return `${text} ${keyword === 'pattern' ? `\`${value}\`` : value}`;
    });
}

/** The CEL rules of an object, as a list below its description. */
function rulesOf(schema: StructuralSchema): string[] {
  const texts = ruleTexts(schema);
  return texts.length === 0 ? [] : [...texts.map((text) => `- ${text}`), ''];
}

function ruleTexts(schema: StructuralSchema): string[] {
  const rules = schema['x-kubernetes-validations'];
  if (!Array.isArray(rules)) return [];
  return (rules as readonly { readonly rule: string; readonly message?: string }[]).map(
    ({ rule, message }) => message ?? `\`${rule}\``,
  );
}

function columns(printed: readonly { readonly name: string; readonly jsonPath: string }[]): string[] {
  if (printed.length === 0) return [];
  const rows = printed.map(({ name, jsonPath }) => `| ${name} | \`${cell(jsonPath)}\` |`);
  return ['', '## Columns of `kubectl get`', '', '| column | path |', '|---|---|', ...rows];
}
