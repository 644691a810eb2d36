/** Takes up a rotated key while the process runs. What older keys sealed stays readable, and is sealed anew when read. */
import type { ObjectKey } from '#apis/kubernetes/object.ts';
import { keyText } from '#apis/kubernetes/object.ts';
import { messageOf } from '#errors/kc-error.ts';
import { SECRETS } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { type Clock, sleep } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import { readKeyRing } from './key-ring.ts';
import type { Sealer } from './sealer.ts';

export interface KeyRingWatchParts {
  readonly client: KubeClient;
  readonly secret: ObjectKey;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called after another key has become the current one. */
  readonly onRotated?: () => void;
}

const INTERVAL_MS = 5 * 60_000;

export class KeyRingWatch {
  readonly name = 'rollback key ring';
  readonly start = 'at once';
  readonly #parts: KeyRingWatchParts;

  constructor(parts: KeyRingWatchParts) {
    this.#parts = parts;
  }

  async run({ stop }: { readonly stop: AbortSignal }): Promise<void> {
    for (;;) {
      await sleep(this.#parts.clock, INTERVAL_MS, stop).catch(() => undefined);
      if (stop.aborted) return;
      await this.look();
    }
  }

  /** A Secret that is gone or broken changes nothing: the ring in use still opens what it sealed. */
  async look(): Promise<void> {
    const { client, secret, sealer, logger } = this.#parts;
    try {
      const ring = readKeyRing(await client.get(SECRETS, secret));
      const rotated = ring.current !== sealer.currentKey;
      sealer.use(ring);
      if (!rotated) return;
      logger.info('rollback key rotated', { key: ring.current });
      this.#parts.onRotated?.();
    } catch (error) {
      logger.error('the rollback keys cannot be read; those in memory stay in use', {
        secret: keyText(secret),
        problem: messageOf(error),
      });
    }
  }
}
