/** What holds for the metadata of every kind. */
import type { ObjectMeta, OwnerReference } from '#apis/kubernetes/object.ts';
import { type FieldError, type FieldErrors, invalid, prohibited, required, tooLong } from './field-error.ts';
import {
  type Problems,
  dnsLabelProblems,
  labelValueProblems,
  pathSegmentProblems,
  qualifiedNameProblems,
} from './names.ts';

const MAX_ANNOTATIONS_BYTES = 262_144;

export type NameProblems = (name: string) => Problems;

/** One error per problem with a value. */
export function problemsAt(field: string, value: unknown, problems: Problems): FieldErrors {
  return problems.map((problem) => invalid(field, value, problem));
}

/** The name of an object, and the prefix that it is generated from. */
export function nameErrors(meta: ObjectMeta, nameProblems: NameProblems): FieldErrors {
  const { name = '', generateName = '' } = meta;
  // A generated name goes on after its prefix, so the prefix may end with a hyphen.
  const prefix = generateName.endsWith('-') ? `${generateName.slice(0, -1)}a` : generateName;
  const prefixErrors =
    generateName === '' ? [] : problemsAt('metadata.generateName', generateName, nameProblems(prefix));
  if (name === '') return [...prefixErrors, required('metadata.name', 'name or generateName is required')];
  return [...prefixErrors, ...problemsAt('metadata.name', name, nameProblems(name))];
}

function namespaceErrors(meta: ObjectMeta, isNamespaced: boolean): FieldErrors {
  const { namespace = '' } = meta;
  if (!isNamespaced)
    return namespace === '' ? [] : [prohibited('metadata.namespace', 'not allowed on this type')];
  if (namespace === '') return [required('metadata.namespace')];
  return problemsAt('metadata.namespace', namespace, dnsLabelProblems(namespace));
}

export function labelErrors(
  labels: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldErrors {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...problemsAt(field, key, qualifiedNameProblems(key)),
    ...problemsAt(field, value, labelValueProblems(value)),
  ]);
}

export function annotationErrors(
  annotations: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldErrors {
  const entries = Object.entries(annotations ?? {});
  const keys = entries.flatMap(([key]) => problemsAt(field, key, qualifiedNameProblems(key.toLowerCase())));
  const bytes = entries.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  return bytes > MAX_ANNOTATIONS_BYTES ? [...keys, tooLong(field, MAX_ANNOTATIONS_BYTES)] : keys;
}

const OWNERS = 'metadata.ownerReferences';

function ownerErrors(owners: readonly OwnerReference[]): FieldErrors {
  const errors = owners.flatMap(ownerReferenceErrors);
  const [first, second] = owners.filter(({ controller }) => controller === true);
  if (first === undefined || second === undefined) return errors;
  const names = `${first.kind}/${first.name} and ${second.kind}/${second.name}`;
  const problem = `Only one reference can have Controller set to true. Found "true" in references for ${names}`;
  return [...errors, invalid(OWNERS, owners, problem)];
}

function ownerReferenceErrors(owner: OwnerReference): FieldErrors {
  const fields = [
    ['apiVersion', owner.apiVersion, 'version must not be empty'],
    ['kind', owner.kind, 'must not be empty'],
    ['name', owner.name, 'must not be empty'],
    ['uid', owner.uid, 'must not be empty'],
  ] as const;
  const empty = fields.filter(([, value]) => value === '');
  const errors: FieldError[] = empty.map(([name, value, problem]) =>
    invalid(`${OWNERS}.${name}`, value, problem),
  );
  if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
    errors.push(invalid(OWNERS, owner, '/v1, Kind=Event is disallowed from being an owner'));
  }
  return errors;
}

function finalizerErrors(finalizers: readonly string[]): FieldErrors {
  const field = 'metadata.finalizers';
  const errors = finalizers.flatMap((name) => problemsAt(field, name, qualifiedNameProblems(name)));
  if (!finalizers.includes('orphan') || !finalizers.includes('foregroundDeletion')) return errors;
  return [
    ...errors,
    invalid(field, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'),
  ];
}

const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/** Built-in kinds take only finalizers that say whose they are. */
export function finalizerNameErrors({ finalizers = [] }: ObjectMeta): FieldErrors {
  const problem = 'name is neither a standard finalizer name nor is it fully qualified';
  return finalizers.flatMap((name, index) => {
    if (name.includes('/') || STANDARD_FINALIZERS.has(name)) return [];
    return [invalid(`metadata.finalizers[${index}]`, name, problem)];
  });
}

/** Errors of the metadata of a new or changed object. */
export function metaErrors(
  meta: ObjectMeta,
  isNamespaced: boolean,
  nameProblems: NameProblems = pathSegmentProblems,
): FieldErrors {
  return [
    ...nameErrors(meta, nameProblems),
    ...namespaceErrors(meta, isNamespaced),
    ...labelErrors(meta.labels, 'metadata.labels'),
    ...annotationErrors(meta.annotations, 'metadata.annotations'),
    ...ownerErrors(meta.ownerReferences ?? []),
    ...finalizerErrors(meta.finalizers ?? []),
  ];
}

export const IMMUTABLE = 'field is immutable';

/** Errors of a change of metadata. */
export function metaChangeErrors(meta: ObjectMeta, previous: ObjectMeta): FieldErrors {
  const errors: FieldError[] = [];
  if (previous.deletionTimestamp !== undefined) {
    const known = new Set(previous.finalizers);
    const added = (meta.finalizers ?? []).filter((name) => !known.has(name)).sort();
    const shown = `[]string{${added.map((name) => JSON.stringify(name)).join(', ')}}`;
    const problem = `no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`;
    if (added.length > 0) errors.push(prohibited('metadata.finalizers', problem));
  }
  for (const name of ['name', 'namespace', 'uid', 'creationTimestamp'] as const) {
    if (meta[name] !== previous[name]) errors.push(invalid(`metadata.${name}`, meta[name], IMMUTABLE));
  }
  return errors;
}

/** An error where the values differ; parts of stored objects are shared, so identity is equality. */
export function immutableErrors(field: string, value: unknown, previous: unknown): FieldErrors {
  return value === previous ? [] : [invalid(field, value ?? null, IMMUTABLE)];
}
