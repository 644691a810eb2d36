/** Asks the API server whose token it is (TokenReview), and remembers the answer for a short time. */
import { createHash } from 'node:crypto';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import type { Clock } from '#platform/clock.ts';
import { allow, type Permission } from '#runtime/rbac/permission.ts';
import type { Authenticator, Caller } from './caller.ts';

interface TokenReview extends KubeObject {
  readonly spec: { readonly token: string; readonly audiences?: readonly string[] };
  readonly status?: {
    readonly authenticated?: boolean;
    readonly user?: { readonly username?: string; readonly groups?: readonly string[] };
    readonly audiences?: readonly string[];
  };
}

const TOKEN_REVIEWS: ResourceType<TokenReview> = {
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'tokenreviews',
  kind: 'TokenReview',
  namespaced: false,
};

export const TOKEN_REVIEW_PERMISSION: Permission = allow(TOKEN_REVIEWS, ['create']);

export interface TokenReviewerOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** Whom tokens must be meant for; the API server itself where empty. */
  readonly audiences?: readonly string[];
}

/** kube-apiserver itself remembers good tokens for ten seconds by default; a revoked one works that much longer. */
const GOOD_MS = 10_000;
/** Guessing costs the API server one review per guess, not one per request. */
const BAD_MS = 5_000;
const MAX_REMEMBERED = 2_000;
const REVIEW_TIMEOUT_MS = 5_000;

interface Remembered {
  readonly caller: Promise<Caller | undefined>;
  untilMs: number;
}

export class TokenReviewer implements Authenticator {
  readonly #options: TokenReviewerOptions;
  readonly #remembered = new Map<string, Remembered>();

  constructor(options: TokenReviewerOptions) {
    this.#options = options;
  }

  authenticate(token: string): Promise<Caller | undefined> {
    // Tokens are not kept, only what names them.
    const key = createHash('sha256').update(token).digest('base64');
    const known = this.#remembered.get(key);
    if (known !== undefined && known.untilMs > this.#options.clock.now()) return known.caller;
    const remembered: Remembered = { caller: this.#review(token), untilMs: Infinity };
    this.#remembered.set(key, remembered);
    remembered.caller.then(
      (caller) => {
        remembered.untilMs = this.#options.clock.now() + (caller === undefined ? BAD_MS : GOOD_MS);
      },
      () => {
        this.#remembered.delete(key);
      },
    );
    this.#forgetOldest();
    return remembered.caller;
  }

  async #review(token: string): Promise<Caller | undefined> {
    const { client, audiences = [] } = this.#options;
    const spec = { token, ...(audiences.length === 0 ? {} : { audiences }) };
    const review = await client.create(TOKEN_REVIEWS, { spec }, { timeoutMs: REVIEW_TIMEOUT_MS });
    return isMeantFor(audiences, review) ? callerOf(review) : undefined;
  }

  #forgetOldest(): void {
    for (const key of this.#remembered.keys()) {
      if (this.#remembered.size <= MAX_REMEMBERED) return;
      this.#remembered.delete(key);
    }
  }
}

function callerOf({ status }: TokenReview): Caller | undefined {
  const { username, groups = [] } = status?.user ?? {};
  return status?.authenticated === true && username !== undefined ? { name: username, groups } : undefined;
}

/** A server that does not know audiences leaves them out of its answer; such a token is then good for nothing here. */
function isMeantFor(audiences: readonly string[], { status }: TokenReview): boolean {
  return audiences.length === 0 || audiences.some((one) => status?.audiences?.includes(one) === true);
}
