/**
 * Seals rollback state: encrypted and signed (AES-256-GCM), bound to the place where it is stored, so that a
 * sealed text cannot be read, changed, or copied to another workload.
 *
 * Format: `kc1.<key id>.<base64url of nonce(12) | tag(16) | ciphertext>`.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { KcError } from '#errors/kc-error.ts';
import type { Random } from '#platform/random.ts';

/** Keys by id; new texts are sealed with `current`, old ones opened with the key they name. */
export interface KeyRing {
  readonly current: string;
  readonly keys: Readonly<Record<string, Uint8Array>>;
}

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'kc1';

export class Sealer {
  #ring: KeyRing;
  readonly #random: Random;

  constructor(ring: KeyRing, random: Random) {
    this.#ring = ring;
    this.#random = random;
  }

  /** Takes up another ring, after a key was rotated. */
  use(ring: KeyRing): void {
    this.#ring = ring;
  }

  get currentKey(): string {
    return this.#ring.current;
  }

  /** False where the text was sealed with a key that was rotated out since. */
  isCurrent(sealed: string): boolean {
    return sealed.startsWith(`${VERSION}.${this.#ring.current}.`);
  }

  /** Seals `text` for `place` (for example `shop/web-rollback-state/Deployment`). */
  seal(text: string, place: string): string {
    const keyId = this.#ring.current;
    const nonce = this.#random.bytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key(keyId, place), nonce).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    const payload = Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
    return [VERSION, keyId, payload.toString('base64url')].join('.');
  }

  /** Opens a sealed text. Throws KC_ROLLBACK_STATE_UNREADABLE where it was changed, moved, or its key is gone. */
  open(sealed: string, place: string): string {
    const [version, keyId = '', payload = ''] = sealed.split('.');
    if (version !== VERSION) throw unreadable(place, 'it is not in a known format');
    const key = this.#key(keyId, place);
    const bytes = Buffer.from(payload, 'base64url');
    try {
      const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES));
      decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      return (
        decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      );
    } catch (error) {
      throw unreadable(place, 'its signature does not match (changed, or moved from another place)', error);
    }
  }

  #key(keyId: string, place: string): Uint8Array {
    const key = this.#ring.keys[keyId];
    if (key === undefined) throw unreadable(place, `key "${keyId}" is not in the key ring`);
    return key;
  }
}

function unreadable(place: string, problem: string, cause?: unknown): KcError {
  return new KcError('KC_ROLLBACK_STATE_UNREADABLE', { object: place, problem, cause });
}
