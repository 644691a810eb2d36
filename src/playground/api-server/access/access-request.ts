/** What a caller asks for, as far as rights go. */
import type { UserInfo } from './user-info.ts';

/** What somebody wants to do. */
export interface AccessRequest {
  readonly user: UserInfo;
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  /** The plural name; empty where a path is asked for. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** The path of a request that is about no resource. */
  readonly path: string;
}
