/** Tokens of service accounts: JSON Web Tokens that this server signs and checks. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '#platform/clock.ts';
import type { Random } from '#platform/random.ts';
import { type JsonObject, asList, asNumber, asText, isObject, objectAt, textAt } from '../json/json.ts';
import { storageKey } from '../storage/api-object.ts';
import type { Store } from '../storage/store.ts';
import { type UserInfo, serviceAccountUser } from './user-info.ts';

/** Who issues the tokens, and whom they are for unless said otherwise. */
export const ISSUER = 'https://kubernetes.default.svc.cluster.local';

const KEY_LENGTH = 32;
const CREDENTIAL = 'authentication.kubernetes.io/credential-id';
const HEADER = encode({ alg: 'HS256', typ: 'JWT' });

/** An object that a token ends with. */
export interface BoundObject {
  readonly kind: 'Pod' | 'Secret' | 'Node';
  readonly name: string;
  readonly uid: string;
}

const BOUND_PLURALS: Readonly<Record<BoundObject['kind'], string>> = {
  Pod: 'pods',
  Secret: 'secrets',
  Node: 'nodes',
};
const BOUND_KINDS: readonly BoundObject['kind'][] = ['Pod', 'Secret', 'Node'];

export interface TokenOrder {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  readonly bound: BoundObject | undefined;
}

/** Whom a token proves, and for whom it is meant. */
export interface ProvenToken {
  readonly user: UserInfo;
  readonly audiences: readonly string[];
}

export interface TokenParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
}

export class ServiceAccountTokens {
  readonly #parts: TokenParts;
  #key: Uint8Array | undefined;

  constructor(parts: TokenParts) {
    this.#parts = parts;
  }

  issue(order: TokenOrder): string {
    const nowSeconds = this.#nowSeconds();
    const { namespace, name, uid, bound } = order;
    const payload = encode({
      aud: order.audiences,
      exp: nowSeconds + order.expirationSeconds,
      iat: nowSeconds,
      iss: ISSUER,
      jti: this.#parts.random.uuid(),
      'kubernetes.io': {
        namespace,
        serviceaccount: { name, uid },
        ...(bound === undefined ? {} : { [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid } }),
      },
      nbf: nowSeconds,
      sub: `system:serviceaccount:${namespace}:${name}`,
    });
    const content = `${HEADER}.${payload}`;
    return `${content}.${this.#sign(content).toString('base64url')}`;
  }

  /** Undefined where the token proves nobody: forged, over, or of something that is gone. */
  prove(token: string): ProvenToken | undefined {
    const claims = this.#claimsOf(token);
    if (claims === undefined || !this.#isCurrent(claims)) return undefined;
    const own = objectAt(claims, 'kubernetes.io');
    const namespace = textAt(own, 'namespace');
    const name = textAt(own, 'serviceaccount', 'name');
    const uid = textAt(own, 'serviceaccount', 'uid');
    if (!this.#exists('serviceaccounts', { namespace, name, uid })) return undefined;
    if (!this.#isBoundToLiving(own, namespace)) return undefined;
    const audiences = asList(claims['aud']).map(asText);
    return { user: userOf(claims, own, serviceAccountUser(namespace, name, uid)), audiences };
  }

  #claimsOf(token: string): JsonObject | undefined {
    const [header = '', payload = '', signature = ''] = token.split('.', 3);
    const expected = this.#sign(`${header}.${payload}`);
    const given = Buffer.from(signature, 'base64url');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return isObject(claims) ? claims : undefined;
  }

  #isCurrent(claims: JsonObject): boolean {
    const nowSeconds = this.#nowSeconds();
    return nowSeconds < (asNumber(claims['exp']) ?? 0) && nowSeconds >= (asNumber(claims['nbf']) ?? 0);
  }

  #isBoundToLiving(own: JsonObject, namespace: string): boolean {
    return BOUND_KINDS.every((kind) => {
      const bound = objectAt(own, kind.toLowerCase());
      const name = textAt(bound, 'name');
      const home = kind === 'Node' ? '' : namespace;
      return (
        name === '' || this.#exists(BOUND_PLURALS[kind], { namespace: home, name, uid: textAt(bound, 'uid') })
      );
    });
  }

  #exists(
    plural: string,
    { namespace, name, uid }: { readonly namespace: string; readonly name: string; readonly uid: string },
  ): boolean {
    const object = this.#parts.store.collection({ group: '', plural }).get(storageKey(namespace, name));
    return object !== undefined && object.metadata.uid === uid;
  }

  #sign(content: string): Buffer {
    this.#key ??= this.#parts.random.bytes(KEY_LENGTH);
    return createHmac('sha256', this.#key).update(content).digest();
  }

  #nowSeconds(): number {
    return Math.floor(this.#parts.clock.now() / 1000);
  }
}

function encode(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function userOf(claims: JsonObject, own: JsonObject, user: UserInfo): UserInfo {
  const pod = objectAt(own, 'pod');
  const podName = textAt(pod, 'name');
  const extra = {
    [CREDENTIAL]: [`JTI=${asText(claims['jti'])}`],
    ...(podName === ''
      ? {}
      : {
          'authentication.kubernetes.io/pod-name': [podName],
          'authentication.kubernetes.io/pod-uid': [textAt(pod, 'uid')],
        }),
  };
  return { ...user, extra };
}
