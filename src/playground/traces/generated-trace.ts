/** Traces made from a seed: the typical shapes of services, batch work, leaks, JVMs and LLM inference. */
import { type Random, SeededRandom, randomNormal } from '#platform/random.ts';
import { type Trace, normalised } from './trace.ts';

export const GENERATED_TRACES = [
  'daily-service',
  'bursty-api',
  'batch',
  'leak',
  'jvm-plateau',
  'llm-inference',
] as const;
export type GeneratedTraceKind = (typeof GENERATED_TRACES)[number];

export interface GenerateOptions {
  readonly seed: number | string;
  /** Default 28, so that the repetition falls on the same weekday. */
  readonly days?: number;
  /** Default 5 minutes. */
  readonly stepMs?: number;
}

/** A point of a trace that is being made. `hour` runs 0–24, `day` counts from a Monday. */
interface Moment {
  readonly hour: number;
  readonly day: number;
  /** Days since the beginning, with fraction. */
  readonly days: number;
}

/** Both shapes at a moment, before scaling. Makers keep their own state from step to step. */
type Maker = (moment: Moment) => readonly [cpu: number, memory: number];
type MakerFactory = (random: Random, stepsPerDay: number) => Maker;

const DAY_MS = 86_400_000;

/** The same seed, kind and options give the same trace. */
export function generateTrace(kind: GeneratedTraceKind, options: GenerateOptions): Trace {
  const stepMs = options.stepMs ?? 300_000;
  const count = Math.round(((options.days ?? 28) * DAY_MS) / stepMs);
  const maker = MAKERS[kind](new SeededRandom(`${options.seed}/${kind}`), DAY_MS / stepMs);
  const cpu = new Float64Array(count);
  const memory = new Float64Array(count);
  for (let index = 0; index < count; index += 1) {
    const days = (index * stepMs) / DAY_MS;
    const moment = { days, day: Math.floor(days), hour: (days % 1) * 24 };
    const [cpuValue, memoryValue] = maker(moment);
    cpu[index] = Math.max(0, cpuValue);
    memory[index] = Math.max(0, memoryValue);
  }
  return { name: `generated/${kind}`, stepMs, cpu: normalised(cpu), memory: normalised(memory) };
}

/** A cosine bell: 1 at `peakHour`, −1 half a day away. */
function season(hour: number, peakHour: number): number {
  return Math.cos(((hour - peakHour) / 24) * 2 * Math.PI);
}

function isWeekend(day: number): boolean {
  return day % 7 >= 5;
}

/** Noise that remembers: an AR(1) process with standard deviation `sigma` and a memory of about an hour. */
function drift(random: Random, stepsPerDay: number, sigma: number): () => number {
  const memory = Math.exp(-24 / stepsPerDay);
  let state = 0;
  return () => {
    state = memory * state + Math.sqrt(1 - memory * memory) * sigma * randomNormal(random);
    return state;
  };
}

/** Bursts that come at random, `perDay` on average, and fade within minutes. */
function bursts(random: Random, stepsPerDay: number, perDay: number): () => number {
  const fade = Math.exp(-1440 / stepsPerDay / 15);
  let level = 0;
  return () => {
    level *= fade;
    if (random.next() < perDay / stepsPerDay) level += 2 + 3 * random.next();
    return level;
  };
}

const dailyService: MakerFactory = (random, stepsPerDay) => {
  const noise = drift(random, stepsPerDay, 0.06);
  return ({ hour, day }) => {
    const level = (1 + 0.55 * season(hour, 14)) * (isWeekend(day) ? 0.65 : 1) * (1 + noise());
    return [level, 1 + 0.15 * level];
  };
};

const burstyApi: MakerFactory = (random, stepsPerDay) => {
  const noise = drift(random, stepsPerDay, 0.12);
  const burst = bursts(random, stepsPerDay, 8);
  return ({ hour }) => {
    const level = 0.6 + 0.15 * season(hour, 15) + burst();
    return [level * (1 + noise()), 1 + 0.1 * level];
  };
};

const batch: MakerFactory = (random, stepsPerDay) => {
  const noise = drift(random, stepsPerDay, 0.05);
  let endHour = 3;
  let startedDay = -1;
  return ({ hour, day }) => {
    if (day !== startedDay) {
      startedDay = day;
      endHour = 2.5 + 2 * random.next();
    }
    const isBusy = hour >= 1 && hour < endHour;
    return isBusy ? [8 * (1 + noise()), 3] : [0.05, 0.4];
  };
};

const leak: MakerFactory = (random, stepsPerDay) => {
  const noise = drift(random, stepsPerDay, 0.05);
  let restartedAt = 0;
  let lifeDays = 2 + 2 * random.next();
  return ({ hour, days }) => {
    if (days - restartedAt > lifeDays) {
      restartedAt = days;
      lifeDays = 2 + 2 * random.next();
    }
    return [1 + 0.3 * season(hour, 14) + noise(), 1 + (days - restartedAt) * 0.8];
  };
};

const jvmPlateau: MakerFactory = (random, stepsPerDay) => {
  const noise = drift(random, stepsPerDay, 0.08);
  return ({ hour, days }) => {
    const uptimeHours = (days % 7) * 24;
    const heap = 1 - Math.exp(-uptimeHours / 6);
    const collector = 0.06 * (((days * 24) / 0.7) % 1);
    return [1 + 0.4 * season(hour, 13) + noise(), 0.5 + heap + collector];
  };
};

const llmInference: MakerFactory = (random, stepsPerDay) => {
  const noise = drift(random, stepsPerDay, 0.15);
  const burst = bursts(random, stepsPerDay, 4);
  return ({ hour, day }) => {
    const peaks = 0.6 * Math.exp(-(((hour - 10.5) / 2.5) ** 2)) + 0.8 * Math.exp(-(((hour - 20.5) / 2) ** 2));
    const level = (0.15 + peaks) * (isWeekend(day) ? 0.75 : 1) + 0.08 * burst();
    return [level * (1 + noise()), 1 + 0.05 * level];
  };
};

const MAKERS: Readonly<Record<GeneratedTraceKind, MakerFactory>> = {
  'daily-service': dailyService,
  'bursty-api': burstyApi,
  batch,
  leak,
  'jvm-plateau': jvmPlateau,
  'llm-inference': llmInference,
};
