/** Who makes a request. */

export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export const MASTERS_GROUP = 'system:masters';

/** Whoever brings no credentials to the loopback address. */
export const ADMIN: UserInfo = {
  username: 'kubernetes-admin',
  groups: [MASTERS_GROUP, 'system:authenticated'],
};

/** The control plane itself: garbage collector, namespace controller and their like. */
export const CONTROLLER_MANAGER: UserInfo = {
  username: 'system:kube-controller-manager',
  groups: ['system:authenticated', MASTERS_GROUP],
};

export function serviceAccountUser(namespace: string, name: string, uid?: string): UserInfo {
  return {
    username: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    ...(uid === undefined ? {} : { uid }),
  };
}
