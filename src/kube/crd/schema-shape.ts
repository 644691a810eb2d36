/** A structural schema, as apiextensions.k8s.io/v1 has it (JSONSchemaProps). */
export interface StructuralSchema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: StructuralSchema;
  readonly items?: StructuralSchema;
  readonly enum?: readonly unknown[];
  readonly nullable?: boolean;
  readonly [keyword: string]: unknown;
}
