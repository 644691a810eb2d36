/**
 * What is particular to a kind when its objects are written: what a client may set, when the generation grows, what is
 * valid, how deletion goes. The Go original calls this a strategy.
 */
import type { ObjectMeta } from '#apis/kubernetes/object.ts';
import { type FieldFilter, allBut } from '../apply/field-filter.ts';
import type { SelectableFields } from '../selectors/field-selector.ts';
import { type ApiObject, withMeta, withoutMeta } from '../storage/api-object.ts';
import { type FieldErrors, NO_ERRORS } from '../validation/field-error.ts';
import { dnsSubdomainProblems } from '../validation/names.ts';
import type { NameProblems } from '../validation/object-meta.ts';

/** How an endpoint changes an object that exists. */
export interface UpdateRules {
  /** The object with everything that this endpoint may not change taken from the stored one. */
  readonly prepare: (object: ApiObject, previous: ApiObject) => ApiObject;
  readonly validate: (object: ApiObject, previous: ApiObject) => FieldErrors;
  /** Which fields can come to be owned through this endpoint. */
  readonly ownable: FieldFilter;
}

export interface KindRules {
  readonly prepareCreate: (object: ApiObject) => ApiObject;
  readonly validateCreate: (object: ApiObject) => FieldErrors;
  /** The format of names. */
  readonly nameProblems: NameProblems;
  readonly update: UpdateRules;
  /** Subresources that are views of the whole object, such as `status`. */
  readonly views: Readonly<Record<string, UpdateRules>>;
  /** An update need not say which version it is based on. */
  readonly unconditionalUpdate: boolean;
  /** An update of an object that does not exist creates it. */
  readonly createOnUpdate: boolean;
  /** What becomes of dependents where a deletion does not say; `Never` ignores even what it says. */
  readonly propagation: 'Background' | 'Orphan' | 'Never';
  /** A deletion is answered with the object, not with a Status. */
  readonly returnsDeleted: boolean;
  /** How long the object lives on after a deletion; undefined where it ends at once. */
  readonly gracePeriodSeconds: ((object: ApiObject, requested: number | undefined) => number) | undefined;
  /** What the first deletion changes besides noting itself. */
  readonly prepareDelete: (object: ApiObject, nowMs: number) => ApiObject;
  /** A controller ends the object when it has ended what belongs to it: a deletion only notes the time. */
  readonly isEndedByController: boolean;
  /** Something other than finalizers still keeps the object. */
  readonly isHeld: (object: ApiObject) => boolean;
  readonly selectable: SelectableFields;
  /** Texts that warn the client of what is accepted but unwise. */
  readonly warnings: (object: ApiObject, previous: ApiObject | undefined) => readonly string[];
}

export interface StatusOptions {
  /** What a client finds in `status` before anyone has written it. */
  readonly blank: unknown;
  /** A client may bring a status along when it creates the object. */
  readonly keepsOnCreate?: boolean;
  /** Metadata that a status update may not change. */
  readonly keepsMeta?: readonly (keyof ObjectMeta)[];
  readonly validate?: (object: ApiObject, previous: ApiObject) => FieldErrors;
}

/** What a kind says of itself; everything has a default. */
export interface KindOptions extends Partial<
  Omit<KindRules, 'update' | 'views' | 'prepareCreate' | 'validateCreate'>
> {
  /** A kind without this has no status subresource. */
  readonly status?: StatusOptions;
  /** Whether a change of the object is a new generation; absent where the kind counts none. */
  readonly isNewGeneration?: (object: ApiObject, previous: ApiObject) => boolean;
  /** Beyond dropping the status and starting to count generations. */
  readonly prepareCreate?: (object: ApiObject) => ApiObject;
  /** Beyond keeping the status. */
  readonly prepareUpdate?: (object: ApiObject, previous: ApiObject) => ApiObject;
  readonly validate?: (object: ApiObject) => FieldErrors;
  /** Of new objects alone, instead of `validate`. */
  readonly validateCreate?: (object: ApiObject) => FieldErrors;
  /** Beyond what a new object must satisfy. */
  readonly validateChange?: (object: ApiObject, previous: ApiObject) => FieldErrors;
  readonly views?: Readonly<Record<string, UpdateRules>>;
}

const noErrors = (): FieldErrors => NO_ERRORS;
const unchanged = (object: ApiObject): ApiObject => object;

/** A field of the object replaced; dropped where the value is undefined. */
export function withField(object: ApiObject, name: string, value: unknown): ApiObject {
  if (object[name] === value) return object;
  const { [name]: _replaced, ...rest } = object;
  return (value === undefined ? rest : { ...rest, [name]: value }) as ApiObject;
}

/** Any change of the spec. */
export function isNewSpec(object: ApiObject, previous: ApiObject): boolean {
  return object['spec'] !== previous['spec'];
}

/** Any change outside of metadata and status. */
export function isNewContent(object: ApiObject, previous: ApiObject): boolean {
  const names = new Set([...Object.keys(object), ...Object.keys(previous)]);
  return [...names].some(
    (name) => name !== 'metadata' && name !== 'status' && object[name] !== previous[name],
  );
}

function keepMeta(object: ApiObject, previous: ApiObject, names: readonly (keyof ObjectMeta)[]): ApiObject {
  return names.reduce((result, name) => {
    const value = previous.metadata[name];
    return value === undefined ? withoutMeta(result, name) : withMeta(result, { [name]: value });
  }, object);
}

/** An update through `status`: only the status (and what of metadata the kind allows) changes. */
export function statusRules(options: StatusOptions): UpdateRules {
  const kept = options.keepsMeta ?? [];
  return {
    prepare: (object, previous) => {
      const others = Object.keys(previous).filter((name) => name !== 'metadata' && name !== 'status');
      const restored = Object.fromEntries(others.map((name) => [name, previous[name]]));
      const next: ApiObject = { ...restored, metadata: object.metadata };
      return keepMeta(withField(next, 'status', object['status']), previous, kept);
    },
    validate: options.validate ?? noErrors,
    ownable: allBut(['spec'], ...kept.map((name) => ['metadata', name])),
  };
}

function updateRules(options: KindOptions): UpdateRules {
  const { isNewGeneration, validate = noErrors, validateChange = noErrors } = options;
  const hasStatus = options.status !== undefined;
  return {
    prepare: (object, previous) => {
      const kept = hasStatus ? withField(object, 'status', previous['status']) : object;
      const prepared = (options.prepareUpdate ?? unchanged)(kept, previous);
      if (isNewGeneration?.(prepared, previous) !== true) return prepared;
      return withMeta(prepared, { generation: (previous.metadata.generation ?? 0) + 1 });
    },
    validate: (object, previous) => [...validate(object), ...validateChange(object, previous)],
    ownable: hasStatus ? allBut(['status']) : allBut(),
  };
}

function prepareCreate(options: KindOptions): (object: ApiObject) => ApiObject {
  const { status, isNewGeneration, prepareCreate: prepare = unchanged } = options;
  const dropsStatus = status !== undefined && status.keepsOnCreate !== true;
  return (object) => {
    const blank = dropsStatus ? withField(object, 'status', status.blank) : object;
    return prepare(
      isNewGeneration === undefined ? withoutMeta(blank, 'generation') : withMeta(blank, { generation: 1 }),
    );
  };
}

const DEFAULTS = {
  nameProblems: dnsSubdomainProblems,
  unconditionalUpdate: true,
  createOnUpdate: false,
  propagation: 'Background',
  returnsDeleted: false,
  gracePeriodSeconds: undefined,
  prepareDelete: unchanged,
  isEndedByController: false,
  isHeld: () => false,
  selectable: {},
  warnings: () => [],
} as const;

/** The rules of a kind. */
export function kindRules(options: KindOptions): KindRules {
  const { status, validate = noErrors, views, ...rest } = options;
  return {
    ...DEFAULTS,
    ...rest,
    prepareCreate: prepareCreate(options),
    validateCreate: options.validateCreate ?? validate,
    update: updateRules(options),
    views: { ...(status === undefined ? {} : { status: statusRules(status) }), ...views },
  };
}
