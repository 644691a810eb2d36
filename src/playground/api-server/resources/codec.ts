/** Reading of bodies as objects of one kind. */
import { DecodeError } from '../decode/decode-error.ts';
import { Decoder } from '../decode/decoder.ts';
import { DEFAULT_RULES } from '../defaults/default-rules.ts';
import { share } from '../json/equality.ts';
import type { JsonObject } from '../json/json.ts';
import type { SchemaNode } from '../schema/schema-node.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { badRequest } from '../wire/status-error.ts';

export interface DecodedObject {
  readonly object: ApiObject;
  /** Paths of fields that the kind does not have; they are not part of the object. */
  readonly unknownFields: readonly string[];
}

export interface Codec {
  /**
   * The object that a body means, with defaults. Parts that equal those of `previous` are the very same objects.
   * Throws a StatusError where the body cannot be read.
   */
  decode(body: JsonObject, previous?: ApiObject): DecodedObject;
  /** An object of the kind that nobody has filled in. */
  readonly blank: JsonObject;
}

/** Apart from the kind, all objects of the same definition are read alike. */
const decoder = new Decoder(DEFAULT_RULES);
const plainDecoder = new Decoder(new Map());

export interface KindName {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Reads built-in kinds. */
export class BuiltinCodec implements Codec {
  readonly #node: SchemaNode;
  readonly #name: KindName;
  readonly blank: JsonObject;

  constructor(node: SchemaNode, name: KindName) {
    this.#node = node;
    this.#name = name;
    this.blank = plainDecoder.decode(node, {}).value;
  }

  decode(body: JsonObject, previous?: ApiObject): DecodedObject {
    const { kind, apiVersion } = this.#name;
    try {
      const { value, unknownFields } = decoder.decode(this.#node, body, previous);
      const named = Object.assign({ kind, apiVersion }, value, this.#name) as ApiObject;
      return {
        object: previous === undefined ? named : (share(previous, named) as ApiObject),
        unknownFields,
      };
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
      throw badRequest(
        `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${error.message}`,
      );
    }
  }
}

/** What `node` is where nobody has filled it in but the defaults apply. */
export function defaultedBlank(node: SchemaNode): JsonObject {
  return decoder.decode(node, {}).value;
}
