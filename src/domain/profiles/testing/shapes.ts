/** Made workloads of known type, with noise, gaps and every setting drawn at random: what classification is tested on. */
import { type ProfileObservation, type ProfileSample } from '../observation.ts';
import { type WorkloadType } from '../workload-types.ts';

/** Uniform numbers of 0–1 from a seed (Lehmer). */
export function uniform(seed: number): () => number {
  let state = (seed % 2147483646) + 1;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

interface Setting {
  readonly random: () => number;
  readonly steps: number;
  readonly stepMinutes: number;
}

type Shape = (setting: Setting) => { readonly activity: number[]; readonly gpu: boolean };

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function between(random: () => number, from: number, to: number): number {
  return from + (to - from) * random();
}

function fill({ steps }: Setting, at: (step: number) => number): number[] {
  return Array.from({ length: steps }, (_, step) => Math.min(Math.max(at(step), 0), 1));
}

const training: Shape = (setting) => {
  const { random, stepMinutes } = setting;
  const level = between(random, 0.6, 0.99);
  const noise = between(random, 0.01, 0.1);
  const everyMinutes = between(random, 20, 240);
  const dipMinutes = between(random, 0.5, 0.12 * everyMinutes);
  const dip = between(random, 0.05, 0.6);
  const activity = fill(setting, (step) => {
    const dipping = (step * stepMinutes) % everyMinutes < dipMinutes;
    return (dipping ? dip : level) + noise * normal(random);
  });
  return { activity, gpu: random() < 0.9 };
};

const serving: Shape = (setting) => {
  const { random, stepMinutes } = setting;
  const level = between(random, 0.1, 0.6);
  const swing = between(random, 0.1, 0.7);
  const noise = between(random, 0.03, 0.25);
  const phase = random();
  let drift = 0;
  const activity = fill(setting, (step) => {
    drift = 0.9 * drift + 0.43 * normal(random);
    const day = Math.sin(2 * Math.PI * ((step * stepMinutes) / 1440 + phase));
    return level * (1 + swing * day) * (1 + noise * drift);
  });
  return { activity, gpu: random() < 0.3 };
};

const inference: Shape = (setting) => {
  const { random, stepMinutes } = setting;
  const perHour = between(random, 3, 15);
  const burstMinutes = between(random, 0.5, 3.5);
  const height = between(random, 0.3, 1);
  let left = 0;
  const activity = fill(setting, () => {
    if (left <= 0 && random() < 1 - Math.exp((-perHour * stepMinutes) / 60))
      left = Math.max(stepMinutes, -burstMinutes * Math.log(1 - random()));
    left -= stepMinutes;
    return left > -stepMinutes ? height * between(random, 0.6, 1) : 0.01 * random();
  });
  return { activity, gpu: random() < 0.9 };
};

const batch: Shape = (setting) => {
  const { random, steps, stepMinutes } = setting;
  const hours = (steps * stepMinutes) / 60;
  const workHours = between(random, 0.5, Math.min(6, 0.4 * hours));
  const everyHours = random() < 0.5 ? 2 * hours : workHours * between(random, 1.6, 5);
  const start = random() * Math.min(everyHours, 0.4 * hours);
  const level = between(random, 0.4, 1);
  const noise = between(random, 0.02, 0.25);
  const activity = fill(setting, (step) => {
    const hour = (step * stepMinutes) / 60 - start;
    const working = hour >= 0 && hour % everyHours < workHours;
    return working ? level * (1 + noise * normal(random)) : 0.01 * random();
  });
  return { activity, gpu: random() < 0.15 };
};

const idle: Shape = (setting) => {
  const { random } = setting;
  const level = between(random, 0, 0.025);
  return { activity: fill(setting, () => level * (1 + 0.5 * normal(random))), gpu: random() < 0.4 };
};

const SHAPES: Readonly<Record<WorkloadType, Shape>> = { training, serving, inference, batch, idle };

/** A workload of the type: between 6 hours and 4 days in steps of a half to two minutes, some samples unknown. */
export function madeWorkload(type: WorkloadType, random: () => number): ProfileObservation {
  const stepMinutes = [0.5, 1, 2][Math.floor(3 * random())] ?? 1;
  const steps = Math.round((60 * between(random, 6, 96)) / stepMinutes);
  const { activity, gpu } = SHAPES[type]({ random, steps, stepMinutes });
  const missing = between(random, 0, 0.1);
  const [idleWatts, cpuWatts, gpuWatts] = [
    between(random, 10, 80),
    between(random, 20, 120),
    between(random, 70, 700),
  ];
  const samples = activity.map((value): ProfileSample => {
    if (random() < missing) return {};
    if (!gpu) return { cpuUtilFraction: value, powerWatts: idleWatts + cpuWatts * value };
    const gpuPowerWatts = gpuWatts * (0.15 + 0.85 * value);
    return {
      cpuUtilFraction: 0.1 * value + 0.02 * random(),
      gpuUtilFraction: value,
      gpuPowerWatts,
      powerWatts: idleWatts + gpuPowerWatts,
    };
  });
  return { samples, stepMs: stepMinutes * 60_000, ...(gpu ? { gpusRequested: 1 } : { gpusRequested: 0 }) };
}
