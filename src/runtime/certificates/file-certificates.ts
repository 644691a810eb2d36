/** Webhook certificates that somebody else writes into files: cert-manager, a mounted Secret, an administrator. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '#errors/kc-error.ts';
import { type Clock, sleep } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { RunSignals } from '../controller/controller-spec.ts';
import type { Runnable } from '../manager/runnable.ts';
import { CertificateHolder } from './certificate-holder.ts';

export interface FileCertificatesOptions {
  /** The folder with tls.crt and tls.key. */
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const CHECK_MS = 10_000;

export class FileCertificates implements Runnable {
  readonly name = 'webhook certificates';
  readonly start = 'at once';
  /** For the admission server. */
  readonly serving = new CertificateHolder();
  readonly #options: FileCertificatesOptions;

  constructor(options: FileCertificatesOptions) {
    this.#options = options;
  }

  async run(signals: RunSignals): Promise<void> {
    while (!signals.stop.aborted) {
      this.#check();
      await sleep(this.#options.clock, CHECK_MS, signals.stop).catch(() => undefined);
    }
  }

  #check(): void {
    const { folder, logger } = this.#options;
    try {
      const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
      this.serving.set({ cert: read('tls.crt'), key: read('tls.key') });
    } catch (error) {
      logger.warn('cannot read webhook certificates', { folder, error: messageOf(error) });
    }
  }
}
