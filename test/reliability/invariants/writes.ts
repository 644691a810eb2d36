/** Invariants of writes to workloads, autoscalers and pods. */
import { type FieldPath, type FieldValue, sameValue } from '#domain/change/field.ts';
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import { describeWorkload } from '#domain/workload/workload-ref.ts';
import { entriesOf, type Invariant, templateFields, workloadWrite } from './invariant.ts';

/** The original of a field lies in the cluster before the field is written. */
export const originalStoredFirst: Invariant = (evidence) => {
  const found = workloadWrite(evidence);
  if (found === undefined) return [];
  const { target, changed, onPod } = found;
  const entries = entriesOf(evidence, target);
  const template = onPod ? templateFields(evidence, target) : {};
  if (template === undefined) return [];
  const bare = Object.entries(changed).filter(([path, value]) => {
    const backToTemplate = path in template && sameValue(template[path], value);
    return !backToTemplate && !entries.some((entry) => path in entry.original);
  });
  return bare.map(
    ([path, value]) =>
      `wrote ${path}=${String(value)} of ${describeWorkload(target)} with no original of it stored`,
  );
};

/** Nothing is written but what was recorded before: the intent, the sizes in force, or the original. */
export const onlyWhatIsRecorded: Invariant = (evidence) => {
  const found = workloadWrite(evidence);
  if (found === undefined) return [];
  const { target, changed, onPod } = found;
  const entries = entriesOf(evidence, target);
  const template = onPod ? templateFields(evidence, target) : {};
  if (template === undefined) return [];
  const strange = Object.entries(changed).filter(
    ([path, value]) =>
      !(path in template && sameValue(template[path], value)) &&
      !entries.some((entry) => isRecorded(entry, path, value)),
  );
  return strange.map(
    ([path, value]) => `wrote ${path}=${String(value)} of ${describeWorkload(target)}, which no record names`,
  );
};

function isRecorded(entry: RollbackEntry, path: FieldPath, value: FieldValue): boolean {
  const records = [entry.intent?.changes ?? {}, entry.overlay, entry.applied, entry.original];
  return records.some((fields) => path in fields && sameValue(fields[path], value));
}
