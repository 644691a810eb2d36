/** The wiring list: every webhook of the operator, in one place. */
import type { Admission } from '#runtime/admission/admission.ts';
import { costOptimizationWebhooks, type WebhookDependencies } from './cost-optimization/webhooks.ts';

export function addWebhooks(admission: Admission, deps: WebhookDependencies): void {
  for (const webhook of costOptimizationWebhooks(deps)) admission.add(webhook);
}
