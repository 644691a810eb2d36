/** Loads the committed schemas, once per process and as late as they are needed. */
import { Definitions } from './definitions.ts';
import type { RawDefinitions } from './raw-definition.ts';

/** One resource or subresource, as discovery lists it. */
export interface DiscoveredResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly storageVersionHash?: string;
}

export interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

/** What the server needs from the beginning. */
export interface Schemas {
  readonly definitions: Definitions;
  /** By group version. */
  readonly resources: Readonly<Record<string, readonly DiscoveredResource[]>>;
  /** By `<group version>/<plural>`. */
  readonly columns: Readonly<Record<string, readonly ColumnDefinition[]>>;
  readonly version: Readonly<Record<string, string>>;
}

/** Definition name → field → text; the definition's own text is under the empty name. */
export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

let schemas: Promise<Schemas> | undefined;
let descriptions: Promise<Descriptions> | undefined;

export function loadSchemas(): Promise<Schemas> {
  schemas ??= readSchemas();
  return schemas;
}

async function readSchemas(): Promise<Schemas> {
  const [definitions, resources, columns, version] = await Promise.all([
    import('../schemas/definitions.json', { with: { type: 'json' } }),
    import('../schemas/resources.json', { with: { type: 'json' } }),
    import('../schemas/columns.json', { with: { type: 'json' } }),
    import('../schemas/version.json', { with: { type: 'json' } }),
  ]);
  const raw: unknown = definitions.default;
  return {
    definitions: new Definitions(raw as RawDefinitions),
    resources: resources.default,
    columns: columns.default,
    version: version.default,
  };
}

/** The texts of `kubectl explain`: as large as everything else together, so loaded only when asked for. */
export function loadDescriptions(): Promise<Descriptions> {
  descriptions ??= import('../schemas/descriptions.json', { with: { type: 'json' } }).then(
    (file): Descriptions => file.default,
  );
  return descriptions;
}
