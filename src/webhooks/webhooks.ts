/** The wiring list: every webhook of the operator, in one place. */
import type { Admission } from '#runtime/admission/admission.ts';
import type { Permission } from '#runtime/rbac/permission.ts';
import {
  costOptimizationWebhooks,
  WEBHOOK_PERMISSIONS,
  type WebhookDependencies,
} from './cost-optimization/webhooks.ts';

/** What all webhooks need on the API server. */
export function webhookPermissions(): readonly Permission[] {
  return WEBHOOK_PERMISSIONS;
}

export function addWebhooks(admission: Admission, deps: WebhookDependencies): void {
  for (const webhook of costOptimizationWebhooks(deps)) admission.add(webhook);
}
