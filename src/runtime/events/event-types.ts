/** What a controller wants people to know. */
import type { KubeObject } from '#apis/kubernetes/object.ts';

/** An event as a value: decided like everything else, published at the end. */
export interface Occurrence {
  /** The object that it is about; it needs kind, apiVersion, name and, where known, uid. */
  readonly object: KubeObject;
  readonly type: 'Normal' | 'Warning';
  /** One word in CamelCase, for machines. */
  readonly reason: string;
  readonly message: string;
  /** Occurrences with the same key count as the same, whatever their messages; default: the message. */
  readonly dedupeKey?: string;
}
