/** AdmissionReview (admission.k8s.io/v1) as the API server sends and expects it. */
import type { KubeObject, StatusObject } from '#apis/kubernetes/object.ts';
import { KcError } from '#errors/kc-error.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** Who asks. */
export interface UserInfo {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export interface AdmissionRequest<T extends KubeObject = KubeObject> {
  readonly uid: string;
  readonly operation: Operation;
  readonly name?: string;
  readonly namespace?: string;
  readonly subResource?: string;
  readonly userInfo: UserInfo;
  readonly dryRun?: boolean;
  /** The object as it would be; null for DELETE. */
  readonly object: T | null;
  /** The object as it is; null for CREATE. */
  readonly oldObject: T | null;
}

export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: Pick<StatusObject, 'code' | 'message' | 'reason' | 'details'>;
  readonly warnings?: readonly string[];
  readonly patchType?: 'JSONPatch';
  /** Base64 of a JSON patch. */
  readonly patch?: string;
}

export interface AdmissionReview {
  readonly apiVersion: 'admission.k8s.io/v1';
  readonly kind: 'AdmissionReview';
  readonly response: AdmissionResponse;
}

/** The request of a review. Throws KC_ADMISSION_FAILED where `body` is not a review. */
export function requestOf(body: unknown): AdmissionRequest {
  const request = memberOf(body, 'request');
  const isReview =
    memberOf(body, 'kind') === 'AdmissionReview' && memberOf(body, 'apiVersion') === 'admission.k8s.io/v1';
  if (
    !isReview ||
    typeof memberOf(request, 'uid') !== 'string' ||
    typeof memberOf(request, 'operation') !== 'string'
  ) {
    throw new KcError('KC_ADMISSION_FAILED', {
      problem: 'the body is not an AdmissionReview of admission.k8s.io/v1',
      fix: 'list v1 in admissionReviewVersions',
    });
  }
  const known = request as Partial<AdmissionRequest> & Pick<AdmissionRequest, 'uid' | 'operation'>;
  return { userInfo: {}, object: null, oldObject: null, ...known };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

/** The answer to a request. */
export function reviewOf(response: AdmissionResponse): AdmissionReview {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}
