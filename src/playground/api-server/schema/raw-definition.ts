/** The form in which schemas/definitions.json holds a definition. hack/generate-schemas.ts writes it. */

export interface RawSchema {
  readonly type?: string;
  readonly format?: string;
  readonly ref?: string;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, RawSchema>>;
  readonly items?: RawSchema;
  readonly additionalProperties?: RawSchema;
  readonly default?: unknown;
  readonly oneOf?: unknown;
  readonly kinds?: readonly GroupVersionKind[];
  readonly listType?: string;
  readonly listMapKeys?: readonly string[];
  readonly mapType?: string;
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
  readonly zero?: unknown;
  readonly keepZero?: boolean;
  readonly goType?: string;
  readonly protobuf?: readonly number[];
}

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export type RawDefinitions = Readonly<Record<string, RawSchema>>;
