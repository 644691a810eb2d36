/** The envelope in which typed clients such as kubectl send objects as protobuf. */
import type { JsonObject } from '../json/json.ts';
import type { Definitions } from '../schema/definitions.ts';
import { readMessage } from './message.ts';
import { ProtobufError, type WireField, bytesOf, readFields } from './wire-reader.ts';

export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

const MAGIC = Buffer.from('k8s\0');
const DELETE_OPTIONS = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';

/** The object in an envelope, as JSON with its kind and version. Throws ProtobufError where there is none. */
export function readEnvelope(definitions: Definitions, body: Uint8Array): JsonObject {
  if (!MAGIC.equals(body.subarray(0, MAGIC.length))) {
    throw new ProtobufError('the body does not begin with the prefix of Kubernetes');
  }
  const fields = readFields(body.subarray(MAGIC.length));
  const typeMeta = readFields(bytesIn(fields, 1));
  const apiVersion = Buffer.from(bytesIn(typeMeta, 1)).toString();
  const kind = Buffer.from(bytesIn(typeMeta, 2)).toString();
  const node = definitions.node(nameOf(definitions, apiVersion, kind));
  return { apiVersion, kind, ...readMessage(node, bytesIn(fields, 2)) };
}

function nameOf(definitions: Definitions, apiVersion: string, kind: string): string {
  if (kind === 'DeleteOptions') return DELETE_OPTIONS;
  const [first = '', second] = apiVersion.split('/', 2);
  return definitions.nameOf(
    second === undefined ? { group: '', version: first, kind } : { group: first, version: second, kind },
  );
}

function bytesIn(fields: readonly WireField[], number: number): Uint8Array {
  const field = fields.find((candidate) => candidate.number === number);
  return field === undefined ? new Uint8Array() : bytesOf(field.value);
}
