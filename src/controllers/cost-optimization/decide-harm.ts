/** Harm was seen: roll back, or, where the user does not want that, say so and stop. */
import type { Verdict } from '#domain/verification/verification.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { Draft } from './decision.ts';
import { beginRestore } from './decide-restoring.ts';
import type { Observation } from './observation.ts';

export function harmFollows(
  o: Observation,
  draft: Draft,
  verdict: Extract<Verdict, { result: 'Regressed' }>,
): void {
  const cause = { reason: verdict.reason, message: verdict.message, atMs: o.nowMs };
  draft.count({ kind: 'failed', reason: verdict.reason });
  draft.note('Warning', 'OptimizationFailed', `${verdict.reason}: ${verdict.message}`);
  if (o.policy.rollbackOnFailure) {
    beginRestore(o, draft, cause);
    return;
  }
  const { verification } = draft.status;
  draft.drop('applying');
  draft.set({
    phase: 'Failed',
    message: `${verdict.reason}: ${verdict.message}; rollbackOnFailure is off, so the change stays`,
    ...(verification === undefined ? {} : { verification: { ...verification, result: 'Regressed' } }),
    regressions: [
      {
        at: rfc3339(o.nowMs),
        id: o.entry?.recommendationId ?? '',
        reason: verdict.reason,
        message: verdict.message,
      },
      ...(draft.status.regressions ?? []),
    ].slice(0, 10),
  });
  draft.again(o.settings.analysisIntervalMs);
}
