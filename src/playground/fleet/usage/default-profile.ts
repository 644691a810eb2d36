/** What a workload uses that does not say so: the over-provisioned service that one finds everywhere. */
import { formatQuantity, quantityFromNumber } from '#apis/kubernetes/quantity.ts';
import { SeededRandom } from '#platform/random.ts';
import { PRESETS } from './presets.ts';
import type { ContainerProfile, LoadProfile } from './usage-schema.ts';

export interface DefaultProfileInput {
  /** `Kind/namespace/name/container`: the same workload always gets the same profile. */
  readonly seed: string;
  readonly kind: string;
  readonly replicas: number;
  /** What one container asks for; 0 where it does not ask. */
  readonly requestCores: number;
  readonly requestBytes: number;
}

const MIB = 1024 * 1024;
/** What is assumed where a container asks for nothing. */
const UNASKED_CORES = 0.2;
const UNASKED_BYTES = 128 * MIB;

/**
 * Services use 15–30 % of the CPU that they ask for, on average over the day, and 35–60 % of the memory. Batch
 * work uses most of it. Names that say what a workload is give it its shape.
 */
export function defaultProfile(input: DefaultProfileInput): ContainerProfile {
  const random = new SeededRandom(input.seed);
  const askedCores = input.requestCores > 0 ? input.requestCores : UNASKED_CORES;
  const askedBytes = input.requestBytes > 0 ? input.requestBytes : UNASKED_BYTES;
  const isBatch = input.kind === 'Job';
  const cpuShare = isBatch ? 0.6 + 0.3 * random.next() : 0.15 + 0.15 * random.next();
  const memoryShare = 0.35 + 0.25 * random.next();
  const load = isBatch ? {} : shapeOf(input.seed, random);
  const coresPerPod = round(askedCores * cpuShare);
  // A service has its demand whatever its replicas; a DaemonSet or a Job has as much work as it has pods.
  const isShared = ['Deployment', 'StatefulSet', 'ReplicaSet'].includes(input.kind);
  return {
    cpu: {
      ...(isShared ? { cores: round(coresPerPod * Math.max(1, input.replicas)) } : { coresPerPod }),
      base: round(askedCores * 0.01),
      noise: 0.1,
    },
    memory: {
      base: formatQuantity(
        quantityFromNumber(Math.round((askedBytes * memoryShare) / MIB) * MIB, 'BinarySI'),
      ),
      noise: 0.015,
    },
    load,
  };
}

function shapeOf(seed: string, random: SeededRandom): LoadProfile {
  if (/infer|llm|model|serving/.test(seed)) return PRESETS['llm-inference'].load ?? {};
  if (/batch|etl|report|backup/.test(seed)) return PRESETS.batch.load ?? {};
  const amplitude = 0.3 + 0.3 * random.next();
  return {
    daily: { amplitude: round(amplitude), peakHour: 9 + Math.floor(random.next() * 10) },
    weekend: 0.75,
  };
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
