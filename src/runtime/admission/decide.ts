/** From an admission request to its answer: mutation as a patch, problems as a refusal that names every field. */
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { jsonPatch } from '#kube/patch/json-patch.ts';
import type { AdmissionRequest, AdmissionResponse } from './admission-review.ts';
import type { FieldProblem, Verdict, Webhook } from './webhook.ts';

/** How a decision ended, for metrics. */
export type AdmissionOutcome = 'allowed' | 'mutated' | 'denied' | 'failed';

const UNPROCESSABLE = 422;
/** The API server cuts warnings beyond this, and drops those above 4 KiB in all. */
const MAX_WARNING_CHARACTERS = 256;

/** The answer of one webhook. Rejects with whatever its functions throw. */
export async function decide(webhook: Webhook, request: AdmissionRequest): Promise<AdmissionResponse> {
  const mutated = await mutatedObject(webhook, request);
  const verdict = await webhook.validate?.({ ...request, object: mutated });
  const steps = request.object === null ? [] : jsonPatch(request.object, mutated);
  return { ...judged(request.uid, verdict), ...(steps.length === 0 ? {} : patchPart(steps)) };
}

async function mutatedObject(webhook: Webhook, request: AdmissionRequest): Promise<KubeObject | null> {
  const { object } = request;
  if (object === null || webhook.mutate === undefined) return object;
  return webhook.mutate(object, request);
}

function patchPart(steps: readonly unknown[]): Pick<AdmissionResponse, 'patch' | 'patchType'> {
  return { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(steps)).toString('base64') };
}

function judged(uid: string, verdict: Verdict | undefined): AdmissionResponse {
  const warnings = verdict?.warnings ?? [];
  const shown =
    warnings.length === 0 ? {} : { warnings: warnings.map((text) => text.slice(0, MAX_WARNING_CHARACTERS)) };
  const problems = verdict?.problems ?? [];
  if (problems.length === 0) return { uid, allowed: true, ...shown };
  return { uid, allowed: false, ...shown, status: refusal(problems) };
}

/** A status that `kubectl` prints in one line and that machines read field by field. */
function refusal(problems: readonly FieldProblem[]): Required<AdmissionResponse>['status'] {
  const message = problems.map(({ field, message: text }) => `${field}: ${text}`).join('; ');
  const causes = problems.map((problem) => ({ reason: 'FieldValueInvalid', ...problem }));
  return { code: UNPROCESSABLE, reason: 'Invalid', message, details: { causes } };
}
