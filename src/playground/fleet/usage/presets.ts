/** Typical workloads by name: what a profile means where it leaves fields out. */
import type { PresetName } from './preset-names.ts';
import type { ContainerProfile } from './usage-schema.ts';

/** Mostly shapes: how large a workload is stays with the profile's `cores` and `memory.base`. */
export const PRESETS: Readonly<Record<PresetName, ContainerProfile>> = {
  'daily-service': {
    cpu: { base: 0.01, noise: 0.1 },
    load: { daily: { amplitude: 0.5, peakHour: 14 }, weekend: 0.7 },
  },
  'bursty-api': {
    cpu: { base: 0.01, noise: 0.2 },
    load: { daily: { amplitude: 0.2, peakHour: 15 }, bursts: { perDay: 8, factor: 3, minutes: 10 } },
  },
  batch: {
    cpu: { base: 0.005, noise: 0.05 },
    load: { window: { fromHour: 1, hours: 3, idle: 0.01 } },
  },
  leak: {
    cpu: { base: 0.01, noise: 0.1 },
    memory: { growthPerHour: '20Mi' },
    load: { daily: { amplitude: 0.3, peakHour: 14 } },
  },
  jvm: {
    cpu: { base: 0.03, noise: 0.1, startup: { cores: 1, seconds: 40 } },
    memory: { base: '200Mi', growthPerHour: '400Mi', plateau: '800Mi', noise: 0.03 },
    load: { daily: { amplitude: 0.4, peakHour: 13 } },
  },
  'llm-inference': {
    cpu: { base: 0.2, noise: 0.15, startup: { cores: 2, seconds: 90 } },
    load: {
      daily: { amplitude: 0.7, peakHour: 19 },
      weekend: 0.8,
      bursts: { perDay: 4, factor: 1.5, minutes: 20 },
    },
  },
  idle: { cpu: { base: 0.002 }, load: {} },
};
