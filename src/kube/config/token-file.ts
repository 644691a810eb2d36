/** A token that somebody else renews in a file: projected service account tokens, `tokenFile` of a kubeconfig. */
import { readFileSync } from 'node:fs';
import { KcError, messageOf } from '#errors/kc-error.ts';
import type { Clock } from '#platform/clock.ts';
import type { Credential, Credentials } from '../transport/credentials.ts';

/** A kubelet renews a token when a fifth of its life is left, minutes at the least. */
const REREAD_MS = 60_000;

export class TokenFile implements Credentials {
  readonly #path: string;
  readonly #clock: Clock;
  #token: string | undefined;
  #readAtMs = -Infinity;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  current(): Promise<Credential> {
    return new Promise((resolve) => {
      resolve({ headers: { authorization: `Bearer ${this.#read()}` } });
    });
  }

  /** Reads again at once; there is something better only where the file holds another token. */
  refresh(): Promise<boolean> {
    const before = this.#token;
    this.#readAtMs = -Infinity;
    return this.current().then(() => this.#token !== before);
  }

  #read(): string {
    const nowMs = this.#clock.now();
    if (this.#token !== undefined && nowMs - this.#readAtMs < REREAD_MS) return this.#token;
    try {
      this.#token = readFileSync(this.#path, 'utf8').trim();
    } catch (cause) {
      // A file that is being replaced may be missing for a moment.
      if (this.#token !== undefined) return this.#token;
      throw new KcError('KC_CREDENTIALS_UNAVAILABLE', {
        object: this.#path,
        problem: messageOf(cause),
        cause,
      });
    }
    this.#readAtMs = nowMs;
    return this.#token;
  }
}
