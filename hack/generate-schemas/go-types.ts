/**
 * Reads from Go source what OpenAPI does not say of a field: whether it is a pointer and whether its zero value is
 * left out of JSON. Only struct declarations of API packages are understood, which is all that types.go files hold.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface GoField {
  readonly pointer: boolean;
  readonly omitEmpty: boolean;
  /** `omitzero`: even a struct is left out while it is zero. */
  readonly omitZero: boolean;
  /** The field's number in protobuf; for a field of an inlined struct also the numbers that lead to it. */
  readonly protobuf: readonly number[];
  /** The Go type without its pointer, such as `v1.PullPolicy`, `int32` or `[]v1.Container`. */
  readonly type: string;
}

export type GoStruct = ReadonlyMap<string, GoField>;

interface GoPackage {
  readonly structs: ReadonlyMap<string, string>;
}

const FIELD = /^\s*(?:\w+\s+)?([\w.[\]*]+)\s+`[^`]*json:"([^"]*)"(?:[^`]*protobuf:"\w+,(\d+))?/;

/** Answers questions about the structs of Go packages below module folders. */
export class GoTypes {
  readonly #directories: ReadonlyMap<string, string>;
  readonly #packages = new Map<string, GoPackage>();

  /** `directories`: module path → folder of its source. */
  constructor(directories: ReadonlyMap<string, string>) {
    this.#directories = directories;
  }

  /** The JSON fields of a struct, those of inlined structs included; undefined where there is no such struct. */
  fields(packagePath: string, typeName: string): GoStruct | undefined {
    const body = this.#package(packagePath).structs.get(typeName);
    if (body === undefined) return undefined;
    const fields = new Map<string, GoField>();
    for (const line of body.split('\n')) this.#readField(line, packagePath, fields);
    return fields;
  }

  #readField(line: string, packagePath: string, fields: Map<string, GoField>): void {
    const { type, name, options, protobuf } = readTags(line);
    if (type === '') return;
    if (options.includes('inline')) {
      for (const [inner, field] of this.fields(packagePath, type) ?? []) {
        fields.set(inner, { ...field, protobuf: inlined(protobuf, field) });
      }
    } else if (name !== '' && name !== '-') {
      fields.set(name, { ...goField(qualify(type, packagePath), options), protobuf });
    }
  }

  #package(path: string): GoPackage {
    const known = this.#packages.get(path);
    if (known !== undefined) return known;
    const structs = new Map<string, string>();
    const directory = this.#directoryOf(path);
    const files = directory === undefined ? [] : readdirSync(directory).filter(isSource);
    for (const file of files) {
      const text = readFileSync(join(directory ?? '', file), 'utf8');
      for (const [, name = '', body = ''] of text.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
        structs.set(name, body);
      }
    }
    const found = { structs };
    this.#packages.set(path, found);
    return found;
  }

  #directoryOf(path: string): string | undefined {
    for (const [module, directory] of this.#directories) {
      if (path.startsWith(`${module}/`)) return join(directory, path.slice(module.length + 1));
    }
    return undefined;
  }
}

interface FieldTags extends Pick<GoField, 'type' | 'protobuf'> {
  readonly name: string;
  readonly options: readonly string[];
}

/** The type is empty where the line declares no field with a JSON tag. */
function readTags(line: string): FieldTags {
  const [, type = '', tag = '', number] = FIELD.exec(line) ?? [];
  const [name = '', ...options] = tag.split(',');
  return { type, name, options, protobuf: number === undefined ? [] : [Number(number)] };
}

/** An inlined struct without a number, which is TypeMeta, is no part of the message. */
function inlined(own: readonly number[], field: GoField): readonly number[] {
  return own.length === 0 ? [] : [...own, ...field.protobuf];
}

function goField(type: string, options: readonly string[]): Omit<GoField, 'protobuf'> {
  const omitZero = options.includes('omitzero');
  return {
    pointer: type.startsWith('*'),
    omitEmpty: omitZero || options.includes('omitempty'),
    omitZero,
    type: type.replace(/^\*/, ''),
  };
}

function isSource(name: string): boolean {
  return name.endsWith('.go') && !name.endsWith('_test.go') && !name.startsWith('zz_generated');
}

/** Go's error texts name types by their package: `PullPolicy` in core/v1 is `v1.PullPolicy`. */
function qualify(type: string, packagePath: string): string {
  const name = packagePath.slice(packagePath.lastIndexOf('/') + 1);
  return type.replace(/(^|[\]*])([A-Z]\w*)/g, `$1${name}.$2`).replace('metav1.', 'v1.');
}
