/** The built-in steps of admission, each about one concern. */
import type { Random } from '#platform/random.ts';
import type { ApiObject } from '../storage/api-object.ts';
import type { Store } from '../storage/store.ts';
import type { Attributes, WriteAttributes } from './admission.ts';

/** What plugins look things up in. */
export interface PluginContext {
  readonly store: Store;
  readonly random: Random;
}

export interface AdmissionPlugin {
  /** The object with what this step sets. Throws a StatusError. */
  readonly admit?: (attributes: WriteAttributes, context: PluginContext) => ApiObject;
  /** Throws a StatusError where the operation is refused. */
  readonly validate?: (attributes: Attributes, context: PluginContext) => void;
}

/** Whether the operation is the creation of an object of a kind. */
export function isCreationOf(attributes: Attributes, group: string, plural: string): boolean {
  const { operation, call } = attributes;
  const { resource, subresource } = call;
  return (
    operation === 'CREATE' && subresource === '' && resource.group === group && resource.plural === plural
  );
}
