/** What may change or refuse a request between its being understood and its being stored. */
import type { JsonObject } from '../json/json.ts';
import type { ApiObject } from '../storage/api-object.ts';
import type { Call } from '../wire/call.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

export interface Attributes {
  readonly operation: Operation;
  readonly call: Call;
  /** Absent for deletions. */
  readonly object: ApiObject | undefined;
  /** Absent for creations. */
  readonly previous: ApiObject | undefined;
  /** CreateOptions, DeleteOptions, … as webhooks see them. */
  readonly options: JsonObject;
}

/** Attributes of an operation that has an object. */
export interface WriteAttributes extends Attributes {
  readonly object: ApiObject;
}

export interface Admission {
  /** The object, changed by whoever may change it. Rejects with a StatusError. */
  admit(attributes: WriteAttributes): Promise<ApiObject>;
  /** Rejects with a StatusError where the operation is refused. */
  validate(attributes: Attributes): Promise<void>;
}
