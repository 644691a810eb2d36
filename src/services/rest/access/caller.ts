/** Who calls, and who may do what. */

export interface Caller {
  /** As the API server names it, e.g. `system:serviceaccount:shop:reporter`. */
  readonly name: string;
  readonly groups: readonly string[];
}

/** Where authentication is switched off, and on public routes. */
export const ANYBODY: Caller = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Finds out who calls. */
export interface Authenticator {
  /** Undefined where the token is not good. Rejects where nobody could be asked: KC_API_UNREACHABLE, ApiError. */
  authenticate(token: string): Promise<Caller | undefined>;
}

/** Names of users and groups; a caller is allowed who has any of them. */
export interface AllowRule {
  readonly readers: readonly string[];
  /** Who may read may not yet write; who may write may read. */
  readonly writers: readonly string[];
}

/** Everybody with a good token may read; changes are for administrators until others are named. */
export const DEFAULT_ALLOW: AllowRule = { readers: ['system:authenticated'], writers: ['system:masters'] };

export function mayWrite({ writers }: AllowRule, caller: Caller): boolean {
  return [caller.name, ...caller.groups].some((name) => writers.includes(name));
}

export function mayRead(rule: AllowRule, caller: Caller): boolean {
  const named = [caller.name, ...caller.groups].some((name) => rule.readers.includes(name));
  return named || mayWrite(rule, caller);
}
