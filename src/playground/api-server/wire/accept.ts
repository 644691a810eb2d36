/** In which form a client wants its answer. */
import { notAcceptable, unknownMediaType } from './status-error.ts';

/** `Table` is what `kubectl get` prints; `PartialObjectMetadata` leaves everything but the metadata out. */
export type Form = 'Object' | 'Table' | 'PartialObjectMetadata';

export interface Accepted {
  readonly form: Form;
  readonly isYaml: boolean;
}

const PLAIN: Accepted = { form: 'Object', isYaml: false };
const JSON_TYPES = new Set(['', '*/*', 'application/*', 'application/json']);
const YAML_TYPES = new Set(['application/yaml', 'application/x-yaml']);

/** The first form of an Accept header that the server knows. Throws NotAcceptable where there is none. */
export function negotiate(header: string | undefined): Accepted {
  if (header === undefined || header === '' || header === 'application/json') return PLAIN;
  const parts = header.split(',');
  for (const part of parts) {
    const accepted = read(part);
    if (accepted !== undefined) return accepted;
  }
  throw parts.some(isServedType) ? notAcceptable() : unknownMediaType();
}

function isServedType(part: string): boolean {
  const [type = ''] = part.trim().split(';', 1);
  return JSON_TYPES.has(type) || YAML_TYPES.has(type) || type === 'application/vnd.kubernetes.protobuf';
}

function read(part: string): Accepted | undefined {
  const [type = '', ...parameters] = part.split(';').map((text) => text.trim());
  const isYaml = YAML_TYPES.has(type);
  if (!isYaml && !JSON_TYPES.has(type)) return undefined;
  const values = new Map(parameters.map((text) => text.split('=', 2) as [string, string]));
  const as = values.get('as');
  if (as === undefined) return { form: 'Object', isYaml };
  if (values.get('g') !== 'meta.k8s.io' || values.get('v') !== 'v1') return undefined;
  if (as === 'Table') return { form: 'Table', isYaml };
  const isPartial = as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList';
  return isPartial ? { form: 'PartialObjectMetadata', isYaml } : undefined;
}
