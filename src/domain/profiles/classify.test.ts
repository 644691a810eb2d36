import { describe, expect, test } from 'vitest';
import { classify } from './classify.ts';
import { type ProfileObservation, type ProfileSample } from './observation.ts';
import { madeWorkload, uniform } from './testing/shapes.ts';
import { WORKLOAD_TYPES, WORKLOAD_TYPE_PROFILES } from './workload-types.ts';

const MADE = 24;

function steady(cpuUtilFraction: number, count = 120): ProfileSample[] {
  return Array.from({ length: count }, (_, index) => ({
    cpuUtilFraction: cpuUtilFraction * (1 + 0.02 * (index % 3)),
  }));
}

describe('classification of made shapes with noise and gaps', () => {
  test.each(WORKLOAD_TYPES)('%s is mostly recognised and seldom taken for something else', (type) => {
    const random = uniform(WORKLOAD_TYPES.indexOf(type) * 1000 + 11);
    const found = Array.from({ length: MADE }, () => classify(madeWorkload(type, random)).type);
    expect(found.filter((each) => each === type).length).toBeGreaterThanOrEqual(0.8 * MADE);
    expect(found.filter((each) => each !== type && each !== 'unknown').length).toBeLessThanOrEqual(
      0.1 * MADE,
    );
  });

  test('is right at least as often as its confidence says', () => {
    const random = uniform(99);
    const found = WORKLOAD_TYPES.flatMap((type) =>
      Array.from({ length: MADE }, () => {
        const { confidence, probabilities } = classify(madeWorkload(type, random));
        return { confidence, right: probabilities[type] === confidence };
      }),
    );
    const mean = (of: (each: (typeof found)[number]) => number): number =>
      found.reduce((sum, each) => sum + of(each), 0) / found.length;
    expect(mean(({ right }) => (right ? 1 : 0))).toBeGreaterThanOrEqual(
      mean(({ confidence }) => confidence) - 0.03,
    );
  });
});

describe('a classification', () => {
  test('has probabilities that sum to 1 and evidence that says which way it points', () => {
    const { probabilities, evidence, type, confidence } = classify(madeWorkload('batch', uniform(3)));
    expect(Object.values(probabilities).reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 12);
    expect(type).toBe('batch');
    expect(probabilities.batch).toBe(confidence);
    expect(evidence[0]).toMatchObject({ direction: 'for' });
    expect(evidence.every(({ weight }) => weight > 0)).toBe(true);
  });

  test('believes a label that declares the type', () => {
    const observation: ProfileObservation = {
      samples: steady(0.4),
      gpusRequested: 0,
      labels: { 'kcloud.io/workload-type': 'batch' },
    };
    expect(classify(observation)).toMatchObject({ type: 'batch' });
    expect(classify(observation).evidence[0]).toMatchObject({ feature: 'declared type', direction: 'for' });
  });

  test.each([
    [{ names: ['llama-finetune-0'], command: ['torchrun', 'run.py'] }, 'training'],
    [{ names: ['payment-api'], image: 'registry.example/nginx:1.27', ownerKind: 'Deployment' }, 'serving'],
    [{ image: 'nvcr.io/nvidia/tritonserver:24.01', names: ['resnet-infer'] }, 'inference'],
    [{ names: ['nightly-report'], ownerKind: 'CronJob' }, 'batch'],
    [{ names: ['gpuTrainJob'], ownerKind: 'PyTorchJob' }, 'training'],
  ] as const)('goes by names where there is no shape: %j', (words, expected) => {
    const found = classify({ samples: [], ...words });
    expect(found.type).toBe(expected);
    expect(found.reason).toContain('no sample');
  });

  test('does not take “serverless” or “observability” for serving', () => {
    expect(classify({ samples: [], names: ['serverless', 'observability'] }).type).toBe('unknown');
  });

  test('says unknown, and why, where nothing speaks for any type', () => {
    expect(classify({ samples: [] })).toMatchObject({ type: 'unknown', confidence: 0 });
    expect(classify({ samples: steady(0.5, 5) }).reason).toContain('5 of 5 samples are known');
    expect(classify({ samples: [{ powerWatts: Number.NaN }, { powerWatts: -3 }] }).reason).toContain(
      'no sample',
    );
  });

  test('says that watts which hardly change tell nothing without idle and maximum', () => {
    const samples = Array.from({ length: 60 }, (_, index) => ({ powerWatts: 300 + (index % 3) }));
    expect(classify({ samples }).reason).toContain('hardly change');
    const known = { samples, idlePowerWatts: 60, maxPowerWatts: 310, gpusRequested: 1 };
    expect(classify(known).type).toBe('training');
    expect(classify({ samples, idlePowerWatts: 300, maxPowerWatts: 900 }).type).toBe('idle');
  });

  test('says unknown rather than guess where types are equally likely', () => {
    const found = classify({ samples: [], names: ['train-infer'] });
    expect(found.type).toBe('unknown');
    expect(found.reason).toContain('too close');
  });

  test('is the same whether samples come in order or with times in any order', () => {
    const { samples, ...rest } = madeWorkload('serving', uniform(5));
    const timed = samples.map((sample, index) => ({ ...sample, atMs: index * (rest.stepMs ?? 0) }));
    const mixed = [
      ...timed.filter((_, index) => index % 2 === 1),
      ...timed.filter((_, index) => index % 2 === 0),
    ];
    expect(classify({ ...rest, samples: mixed })).toEqual(classify({ ...rest, samples }));
  });

  test('uses the latest two weeks of minutes of more', () => {
    const samples = [...steady(0.9, 30_000), ...steady(0.01, 20_160)];
    expect(classify({ samples, gpusRequested: 0 })).toMatchObject({
      type: 'idle',
      features: { knownSamples: 20_160 },
    });
  });
});

test('every type is described once', () => {
  expect(WORKLOAD_TYPE_PROFILES.map(({ type }) => type)).toEqual(WORKLOAD_TYPES);
});
