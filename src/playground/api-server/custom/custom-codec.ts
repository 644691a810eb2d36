/** Reading of custom resources: pruned and defaulted by their schema. Whether they are valid is another question. */
import { Decoder } from '../decode/decoder.ts';
import { DecodeError } from '../decode/decode-error.ts';
import { share } from '../json/equality.ts';
import { type JsonObject, asObject } from '../json/json.ts';
import type { Codec, DecodedObject, KindName } from '../resources/codec.ts';
import type { SchemaNode } from '../schema/schema-node.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { badRequest } from '../wire/status-error.ts';
import type { CustomSchema } from './custom-schema.ts';
import { applyDefaults, content, prune } from './prune.ts';

const decoder = new Decoder(new Map());

export class CustomCodec implements Codec {
  readonly #schema: CustomSchema;
  readonly #metadata: SchemaNode;
  readonly #name: KindName;
  readonly #prunes: boolean;
  readonly blank: JsonObject;

  constructor(
    schema: CustomSchema,
    metadata: SchemaNode,
    kind: { readonly name: KindName; readonly prunes: boolean },
  ) {
    this.#schema = schema;
    this.#metadata = metadata;
    this.#name = kind.name;
    this.#prunes = kind.prunes;
    this.blank = { ...kind.name };
  }

  decode(body: JsonObject, previous?: ApiObject): DecodedObject {
    const { value: metadata, unknownFields } = this.#readMetadata(asObject(body['metadata']));
    const dropped: string[] = [];
    const fields = content(body);
    const pruned = this.#prunes ? prune(this.#schema, fields, { path: '', dropped }) : fields;
    const defaulted = asObject(applyDefaults(this.#schema, pruned));
    const { kind, apiVersion } = this.#name;
    const object: ApiObject = { kind, apiVersion, metadata, ...defaulted };
    return {
      object: previous === undefined ? object : (share(previous, object) as ApiObject),
      unknownFields: [...unknownFields.map((field) => `metadata.${field}`), ...dropped].sort(),
    };
  }

  #readMetadata(metadata: JsonObject): ReturnType<Decoder['decode']> {
    try {
      return decoder.decode(this.#metadata, metadata);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      const { kind, apiVersion } = this.#name;
      const version = JSON.stringify(apiVersion.slice(apiVersion.indexOf('/') + 1));
      throw badRequest(`${kind} in version ${version} cannot be handled as a ${kind}: ${error.message}`);
    }
  }
}
