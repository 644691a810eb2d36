/** Where a figure comes from and how old it is, as the API answers. */
import type { EvidenceAnswer } from '#apis/estimator-api/evidence.ts';
import type { PowerEvidence } from '#domain/power/power.ts';

export function evidenceAnswer({ origin, sources, atMs }: PowerEvidence, nowMs: number): EvidenceAnswer {
  return {
    origin,
    sources: [...sources],
    sampled_at: isoTime(atMs),
    age_seconds: ageSeconds({ atMs }, nowMs),
  };
}

export function ageSeconds({ atMs }: Pick<PowerEvidence, 'atMs'>, nowMs: number): number {
  return Math.max(0, (nowMs - atMs) / 1000);
}

/** All samples of a collection share a few times. */
const TEXTS = new Map<number, string>();
const MAX_TEXTS = 1_000;

export function isoTime(ms: number): string {
  const known = TEXTS.get(ms);
  if (known !== undefined) return known;
  if (TEXTS.size >= MAX_TEXTS) TEXTS.clear();
  const text = new Date(ms).toISOString();
  TEXTS.set(ms, text);
  return text;
}

export function isoTimeOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : isoTime(ms);
}
