/** Classifies a workload from what the caller tells, or from the power of its last day. */
import { FINE_MS } from '#adapters/power-history/levels.ts';
import type { EnergySum, PowerHistory } from '#adapters/power-history/power-history.ts';
import type { ClassifyAnswer, ClassifyRequest } from '#apis/estimator-api/profile.ts';
import { classify } from '#domain/profiles/classify.ts';
import type { ProfileObservation, ProfileSample } from '#domain/profiles/observation.ts';
import { DAY_MS } from '#domain/units/duration.ts';
import { invalidField } from '../../rest/field-problem.ts';
import { isoTime } from '../answers/evidence-answer.ts';
import { isPodOf, parseWorkloadId } from '../selection.ts';

interface Samples {
  readonly from: ClassifyAnswer['samples_from'];
  readonly samples: readonly ProfileSample[];
  readonly stepMs: number;
}

export function classifyAnswer(asked: ClassifyRequest, history: PowerHistory, nowMs: number): ClassifyAnswer {
  const { from, samples, stepMs } = samplesFor(asked, history, nowMs);
  const found = classify({ ...observationOf(asked), samples, stepMs });
  return {
    classification: found.type,
    confidence: found.confidence,
    probabilities: { ...found.probabilities },
    evidence: found.evidence.map((one) => ({ ...one, value: finite(one.value) })),
    reason: found.reason ?? null,
    samples_from: from,
    samples: samples.length,
    timestamp: isoTime(nowMs),
  };
}

function finite(value: number | string): number | string {
  return typeof value === 'string' || Number.isFinite(value) ? value : 'not known';
}

function samplesFor(asked: ClassifyRequest, history: PowerHistory, nowMs: number): Samples {
  const stepMs = (asked.step_seconds ?? 60) * 1000;
  if (asked.samples !== undefined) return { from: 'request', samples: asked.samples.map(sampleOf), stepMs };
  if (asked.workload_id === undefined) return { from: 'nowhere', samples: [], stepMs };
  return { from: 'history', samples: pastSamples(asked.workload_id, history, nowMs), stepMs: FINE_MS };
}

type AskedSample = NonNullable<ClassifyRequest['samples']>[number];

function sampleOf(sample: AskedSample, index: number): ProfileSample {
  const { timestamp, power_watts, gpu_power_watts, cpu_utilization, gpu_utilization } = sample;
  const atMs = timestamp === undefined ? undefined : Date.parse(timestamp);
  if (Number.isNaN(atMs)) throw invalidField(`samples[${String(index)}].timestamp`, 'is not a time');
  return {
    ...(atMs === undefined ? {} : { atMs }),
    powerWatts: power_watts ?? Number.NaN,
    gpuPowerWatts: gpu_power_watts ?? Number.NaN,
    cpuUtilFraction: cpu_utilization ?? Number.NaN,
    gpuUtilFraction: gpu_utilization ?? Number.NaN,
  };
}

/** Five minutes each, of all its pods together. */
function pastSamples(id: string, history: PowerHistory, nowMs: number): readonly ProfileSample[] {
  const { name, namespace } = parseWorkloadId(id);
  const pods = history.pods(namespace).filter(({ pod }) => isPodOf(pod, name)).map(({ pod }) => pod); // prettier-ignore
  if (pods.length === 0) return [];
  const span = { fromMs: nowMs - DAY_MS, toMs: nowMs };
  const sums = history.sums({
    kind: 'container',
    levelMs: FINE_MS,
    ...span,
    by: ['time', 'pod'],
    namespace,
    pods,
  });
  const own = Map.groupBy(sums, ({ fromMs = 0 }) => fromMs);
  return [...own].sort(([a], [b]) => a - b).map(([atMs, rows]) => pastSample(atMs, rows));
}

function pastSample(atMs: number, rows: readonly EnergySum[]): ProfileSample {
  const watts = (joulesOf: (row: EnergySum) => number): number =>
    rows.reduce((sum, row) => sum + joulesOf(row) / (row.coveredMs / 1000), 0);
  const accelerated = rows.some(({ partJoules: { gpu, npu } }) => gpu !== undefined || npu !== undefined);
  const gpuPowerWatts = watts(({ partJoules: { gpu = 0, npu = 0 } }) => gpu + npu);
  return {
    atMs,
    powerWatts: watts(({ activeJoules, idleJoules }) => activeJoules + idleJoules),
    ...(accelerated ? { gpuPowerWatts } : {}),
  };
}

function observationOf(asked: ClassifyRequest): Omit<ProfileObservation, 'samples'> {
  const { labels, image, command, owner_kind, gpus_requested, idle_power_watts, max_power_watts } = asked;
  const names = [
    asked.namespace,
    asked.workload_name,
    asked.workload_id,
    asked.pod_name,
    asked.container_name,
  ];
  return {
    names: names.filter((name) => name !== undefined),
    ...(labels === undefined ? {} : { labels }),
    ...(image === undefined ? {} : { image }),
    ...(command === undefined
      ? {}
      : { command: typeof command === 'string' ? command.split(/\s+/) : command }),
    ...(owner_kind === undefined ? {} : { ownerKind: owner_kind }),
    ...(gpus_requested === undefined ? {} : { gpusRequested: gpus_requested }),
    ...(idle_power_watts === undefined ? {} : { idlePowerWatts: idle_power_watts }),
    ...(max_power_watts === undefined ? {} : { maxPowerWatts: max_power_watts }),
  };
}
