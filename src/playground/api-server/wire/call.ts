/** A request to a resource, understood and authorized. */
import type { UserInfo } from '../access/user-info.ts';
import type { Resource } from '../resources/resource.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export interface Call {
  readonly resource: Resource;
  readonly subresource: string;
  /** Empty for cluster-scoped resources and for lists of all namespaces. */
  readonly namespace: string;
  /** Empty for collections. */
  readonly name: string;
  readonly user: UserInfo;
  readonly query: URLSearchParams;
  readonly dryRun: boolean;
  /** Who is recorded as the owner of the fields that change. */
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  /** Texts for the client, sent as headers. */
  readonly warnings: string[];
  readonly signal: AbortSignal | undefined;
}
