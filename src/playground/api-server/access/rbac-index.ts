/** The bindings of the cluster by whom they bind, kept up to date. */
import { asObjects, asText, objectAt, textAt } from '../json/json.ts';
import { type ApiObject, storageKey } from '../storage/api-object.ts';
import type { Store } from '../storage/store.ts';
import { type PolicyRule, policyRuleOf } from './rbac-rules.ts';
import type { UserInfo } from './user-info.ts';

const GROUP = 'rbac.authorization.k8s.io';
const PLURALS = ['clusterrolebindings', 'rolebindings', 'clusterroles', 'roles'] as const;
type Plural = (typeof PLURALS)[number];

/** What a binding gives to one of its subjects. */
export interface Grant {
  readonly rules: readonly PolicyRule[];
  /** The binding, for whoever asks why. */
  readonly source: string;
  /** Why there are no rules. */
  readonly problem: string | undefined;
  /** The place among the bindings of the same scope. */
  readonly order: number;
}

type Grants = ReadonlyMap<string, readonly Grant[]>;

export class RbacIndex {
  readonly #store: Store;
  /** By namespace; bindings of the cluster are under the empty name. */
  readonly #grants = new Map<string, Grants>();
  readonly #rules = new WeakMap<ApiObject, readonly PolicyRule[]>();

  constructor(store: Store) {
    this.#store = store;
    for (const plural of PLURALS) {
      this.#collection(plural).listen(() => {
        this.#grants.clear();
      });
    }
  }

  /** What the user is granted in a namespace: by the cluster's bindings, then by those of the namespace. */
  grantsOf(user: UserInfo, namespace: string): readonly Grant[] {
    const everywhere = this.#grantsIn('', user);
    return namespace === '' ? everywhere : [...everywhere, ...this.#grantsIn(namespace, user)];
  }

  #grantsIn(namespace: string, { username, groups }: UserInfo): readonly Grant[] {
    const grants = this.#grants.get(namespace) ?? this.#build(namespace);
    const found = [userKey(username), ...groups.map(groupKey)].flatMap((key) => grants.get(key) ?? []);
    const byBinding = new Map(found.map((grant) => [grant.order, grant]));
    return [...byBinding.values()].sort((a, b) => a.order - b.order);
  }

  #build(namespace: string): Grants {
    const plural = namespace === '' ? 'clusterrolebindings' : 'rolebindings';
    const grants = new Map<string, Grant[]>();
    for (const [order, binding] of this.#collection(plural).list(namespace).entries()) {
      for (const subject of asObjects(binding['subjects']).toReversed()) {
        const kind = asText(subject['kind']);
        const name = asText(subject['name']);
        const home = asText(subject['namespace']) || namespace;
        const key = subjectKey(kind, name, home);
        const grant = {
          ...this.#grant(binding, namespace),
          source: sourceOf(binding, { kind, name, home }),
          order,
        };
        grants.set(key, [...(grants.get(key) ?? []), grant]);
      }
    }
    this.#grants.set(namespace, grants);
    return grants;
  }

  #grant(binding: ApiObject, namespace: string): Pick<Grant, 'rules' | 'problem'> {
    const kind = textAt(binding, 'roleRef', 'kind');
    const name = textAt(binding, 'roleRef', 'name');
    const key = kind === 'Role' ? storageKey(namespace, name) : name;
    const role = this.#collection(kind === 'Role' ? 'roles' : 'clusterroles').get(key);
    if (role !== undefined) return { rules: this.#rulesOf(role), problem: undefined };
    const text = `${kind.toLowerCase()}.${GROUP} ${JSON.stringify(name)} not found`;
    return { rules: [], problem: text };
  }

  #rulesOf(role: ApiObject): readonly PolicyRule[] {
    const known = this.#rules.get(role);
    if (known !== undefined) return known;
    const rules = asObjects(role['rules']).map(policyRuleOf);
    this.#rules.set(role, rules);
    return rules;
  }

  #collection(plural: Plural) {
    return this.#store.collection({ group: GROUP, plural });
  }
}

function userKey(name: string): string {
  return `User ${name}`;
}

function groupKey(name: string): string {
  return `Group ${name}`;
}

function subjectKey(kind: string, name: string, namespace: string): string {
  if (kind === 'Group') return groupKey(name);
  return userKey(kind === 'ServiceAccount' ? `system:serviceaccount:${namespace}:${name}` : name);
}

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly home: string;
}

function sourceOf(binding: ApiObject, { kind, name, home }: Subject): string {
  const { name: bindingName = '', namespace } = binding.metadata;
  const shown = namespace === undefined ? bindingName : `${bindingName}/${namespace}`;
  const subject = kind === 'ServiceAccount' ? `${name}/${home}` : name;
  const role = objectAt(binding, 'roleRef');
  return (
    `${binding.kind ?? ''} ${JSON.stringify(shown)} of ${asText(role['kind'])} ${JSON.stringify(role['name'])} ` +
    `to ${kind} ${JSON.stringify(subject)}`
  );
}
