import { describe, expect, it } from 'vitest';
import type { MachineFacts } from '../inventory.ts';
import { acceleratorWatts } from './accelerator-watts.ts';
import { processorOfInstance } from './instance-processors.ts';
import { machineWatts } from './machine-watts.ts';
import { processorByCpuid } from './processor-watts.ts';

const base: MachineFacts = { node: 'n1', cpuCores: 4, memoryBytes: 6.4e9, accelerators: [], aliases: [] };

describe('what a machine draws', () => {
  it('goes by the processor of its instance type', () => {
    const found = machineWatts({ ...base, instanceType: 'm6i.xlarge' });
    expect(found).toMatchObject({ memoryWatts: 0, origin: 'modelled' });
    expect(found?.idleWatts).toBeCloseTo(4 * 0.767, 9);
    expect(found?.maxWatts).toBeCloseTo(4 * 3.758, 9);
  });

  it('goes by what its node says of its processor before its type', () => {
    const found = machineWatts({ ...base, instanceType: 'm6i.xlarge', processor: 'EPYC 3rd Gen' });
    expect(found?.maxWatts).toBeCloseTo(4 * 1.957, 9);
  });

  it('counts memory beyond that of the servers in the tables', () => {
    expect(machineWatts({ ...base, memoryBytes: 106.4e9 })?.memoryWatts).toBeCloseTo(100 * 0.392, 9);
  });

  it('is a default where its make is not known, and unknown where its size is not', () => {
    expect(machineWatts(base)).toMatchObject({ origin: 'default' });
    const { cpuCores: _unknown, ...unsized } = base;
    expect(machineWatts(unsized)).toBeUndefined();
  });

  it('is what its owner says, by name before type', () => {
    const [one, two] = [
      { idleWatts: 1, maxWatts: 2 },
      { idleWatts: 3, maxWatts: 4 },
    ];
    expect(machineWatts({ ...base, instanceType: 't' }, { t: one, n1: two })).toMatchObject(two);
    expect(machineWatts({ ...base, instanceType: 't' }, { t: one })).toMatchObject(one);
  });
});

describe('the processor of a machine', () => {
  it.each([
    ['m6i.large', 'Ice Lake'],
    ['p5.48xlarge', 'EPYC 3rd Gen'],
    ['c7g.2xlarge', 'Graviton'],
    ['n2-standard-8', 'Cascade Lake'],
    ['a3-highgpu-8g', 'Sapphire Rapids'],
    ['Standard_D8s_v5', 'Ice Lake'],
    ['Standard_D8as_v5', 'EPYC 3rd Gen'],
    ['Standard_NC24ads_A100_v4', 'EPYC 2nd Gen'],
    ['e2-standard-4', undefined],
    ['atom-server', undefined],
  ])('of %s is %s', (instanceType, processor) => {
    expect(processorOfInstance(instanceType)).toBe(processor);
  });

  it('is told by CPUID', () => {
    expect(processorByCpuid('Intel', '6', '143')).toBe('Sapphire Rapids');
    expect(processorByCpuid('AMD', '25', '99')).toBeUndefined();
  });
});

describe('what an accelerator draws', () => {
  it.each([
    ['Tesla-T4', { idle: 10, max: 70 }],
    ['NVIDIA-A100-SXM4-80GB', { idle: 50, max: 400 }],
    ['NVIDIA H100 PCIe', { idle: 43.75, max: 350 }],
    ['NVIDIA-H100-80GB-HBM3', { idle: 87.5, max: 700 }],
    ['AMD_Instinct_MI300X', { idle: 93.75, max: 750 }],
    ['NVIDIA-L40S', { idle: 43.75, max: 350 }],
    ['GeForce', undefined],
  ])('of model %s is known', (model, watts) => {
    expect(acceleratorWatts(model)).toEqual(watts);
  });
});
