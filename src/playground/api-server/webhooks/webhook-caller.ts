/** How the server reaches admission webhooks. The simulation calls them in process, a real listener over HTTPS. */
import type { JsonObject } from '../json/json.ts';

/** The service that a webhook's address names. */
export interface WebhookService {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

export interface WebhookTarget {
  /** The service that the host of the address stands for; undefined where the address is to be taken as it is. */
  readonly service: WebhookService | undefined;
  /** The certificates that the webhook's own one is checked against, as PEM text; may be empty. */
  readonly caBundle: string;
  /** Aborted when the webhook's time is over. */
  readonly signal: AbortSignal;
}

/**
 * Sends an AdmissionReview to a webhook and resolves with the AdmissionReview of its answer.
 * Rejects where the webhook cannot be reached or answers with anything but success.
 */
export type WebhookCaller = (url: string, review: JsonObject, target: WebhookTarget) => Promise<unknown>;

/** Where nothing is said of webhooks, none can be reached. */
export const noCaller: WebhookCaller = () => Promise.reject(new Error('no webhook can be called'));
