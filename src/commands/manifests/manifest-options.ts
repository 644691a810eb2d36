/** What all manifests are told, and what those of the operator are labelled with. */
import { LEASE } from '../operator/operator.ts';

export interface ManifestOptions {
  readonly namespace: string;
  readonly image: string;
}

export const LABELS = {
  app: LEASE,
  'app.kubernetes.io/name': LEASE,
  'app.kubernetes.io/part-of': 'kcloud',
} as const;
