/**
 * The webhooks of a process, by path. The HTTPS server calls `review` for what the API server posts; the simulator
 * calls it directly.
 */
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { KcError, messageOf } from '#errors/kc-error.ts';
import type { Clock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import {
  type AdmissionRequest,
  type AdmissionResponse,
  type AdmissionReview,
  requestOf,
  reviewOf,
} from './admission-review.ts';
import { type AdmissionOutcome, decide } from './decide.ts';
import type { Webhook } from './webhook.ts';

export interface AdmissionOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a decision may take; default one second. The API server waits a little longer and then goes on. */
  readonly deadlineMs?: number;
  /** Told of each decision; a manager's metrics are one. */
  readonly observer?: AdmissionObserver;
}

export interface AdmissionObserver {
  admitted(webhook: string, outcome: AdmissionOutcome, durationMs: number): void;
}

const DEADLINE_MS = 1000;

export class Admission {
  readonly #options: AdmissionOptions;
  readonly #webhooks = new Map<string, Webhook>();

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Throws RangeError where the path is taken. */
  add<T extends KubeObject>(webhook: Webhook<T>): void {
    if (this.#webhooks.has(webhook.path)) throw new RangeError(`two webhooks listen at ${webhook.path}`);
    // Each path is called with objects of its own type only, as its rules tell the API server.
    this.#webhooks.set(webhook.path, webhook);
  }

  all(): readonly Webhook[] {
    return [...this.#webhooks.values()];
  }

  /**
   * Answers a review. Rejects with KC_ADMISSION_FAILED where no decision was had (unknown path, no review, an error
   * in the webhook, too late); the caller then answers with an HTTP error and the failure policy decides.
   */
  async review(path: string, body: unknown): Promise<AdmissionReview> {
    const webhook = this.#webhooks.get(path);
    if (webhook === undefined)
      throw new KcError('KC_ADMISSION_FAILED', { problem: `no webhook listens at ${path}` });
    const { clock, observer } = this.#options;
    const startedAtMs = clock.now();
    try {
      const response = await this.#inTime(webhook, requestOf(body));
      observer?.admitted(webhook.name, outcomeOf(response), clock.now() - startedAtMs);
      return reviewOf(response);
    } catch (error) {
      observer?.admitted(webhook.name, 'failed', clock.now() - startedAtMs);
      throw this.#failure(webhook, error);
    }
  }

  async #inTime(webhook: Webhook, request: AdmissionRequest): Promise<AdmissionResponse> {
    const { clock, deadlineMs = DEADLINE_MS } = this.#options;
    let expire: () => void = () => undefined;
    const late = new Promise<never>((_resolve, reject) => {
      expire = () => {
        reject(new KcError('KC_ADMISSION_FAILED', { object: webhook.name, problem: 'no decision in time' }));
      };
    });
    const timer = clock.after(deadlineMs, expire);
    try {
      return await Promise.race([decide(webhook, request), late]);
    } finally {
      timer.cancel();
    }
  }

  #failure(webhook: Webhook, error: unknown): KcError {
    this.#options.logger.error('a webhook failed', { webhook: webhook.name, error: messageOf(error) });
    if (error instanceof KcError && error.code === 'KC_ADMISSION_FAILED') return error;
    return new KcError('KC_ADMISSION_FAILED', {
      object: webhook.name,
      problem: messageOf(error),
      cause: error,
    });
  }
}

function outcomeOf(response: AdmissionResponse): AdmissionOutcome {
  if (!response.allowed) return 'denied';
  return response.patch === undefined ? 'allowed' : 'mutated';
}
