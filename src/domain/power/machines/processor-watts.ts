/**
 * Watts of a server per hardware thread (a vCPU) at idle and at full load, by the micro-architecture of its processor:
 * the coefficients of Cloud Carbon Footprint (github.com/cloud-carbon-footprint/ccf-coefficients, Apache-2.0, file
 * `coefficients-aws-use.csv` of 2026-03-09), means over the SPECpower_ssj2008 results. They are watts at the wall of a
 * whole server divided by its threads, so boards, fans and the memory of such a server are in them.
 */

export interface ThreadWatts {
  readonly idle: number;
  readonly max: number;
}

export const PROCESSOR_WATTS = {
  'Sandy Bridge': { idle: 2.212, max: 8.631 },
  'Ivy Bridge': { idle: 1.707, max: 5.557 },
  Haswell: { idle: 1.857, max: 5.595 },
  Broadwell: { idle: 0.713, max: 3.685 },
  Skylake: { idle: 0.613, max: 4.104 },
  'Cascade Lake': { idle: 0.69, max: 4.063 },
  'Coffee Lake': { idle: 1.138, max: 5.422 },
  'Ice Lake': { idle: 0.767, max: 3.758 },
  'Sapphire Rapids': { idle: 1.036, max: 4.16 },
  'Emerald Rapids': { idle: 0.814, max: 4.482 },
  'Granite Rapids': { idle: 0.582, max: 2.527 },
  'EPYC 1st Gen': { idle: 0.847, max: 2.604 },
  'EPYC 2nd Gen': { idle: 0.474, max: 1.693 },
  'EPYC 3rd Gen': { idle: 0.456, max: 1.957 },
  'EPYC 4th Gen': { idle: 0.739, max: 2.282 },
  // No SPECpower result of a Graviton exists; Cloud Carbon Footprint takes the EPYC of the same process for all of them.
  Graviton: { idle: 0.474, max: 1.693 },
} as const satisfies Readonly<Record<string, ThreadWatts>>;

export type Processor = keyof typeof PROCESSOR_WATTS;

/** A server of unknown make: Cloud Carbon Footprint's averages for AWS (methodology, "Compute"). */
export const UNKNOWN_PROCESSOR_WATTS: ThreadWatts = { idle: 0.74, max: 3.5 };

/** Cloud Carbon Footprint's memory coefficient, 0.000392 kWh per GB·h (methodology, "Memory"), for 10⁹ bytes. */
export const MEMORY_WATTS_PER_GB = 0.392;

/**
 * Memory per thread that is in the coefficients already: the median of the 212 servers since 2017 in the SPECpower
 * results. Only what a machine has beyond it draws more.
 */
export const INCLUDED_GB_PER_THREAD = 1.6;

export function isProcessor(name: string): name is Processor {
  return Object.hasOwn(PROCESSOR_WATTS, name);
}

/** Family and model as CPUID tells them (Intel SDM vol. 4, AMD processor programming references). */
const BY_CPUID: Readonly<Record<string, Processor>> = {
  'Intel/6/45': 'Sandy Bridge',
  'Intel/6/62': 'Ivy Bridge',
  'Intel/6/63': 'Haswell',
  'Intel/6/79': 'Broadwell',
  'Intel/6/85': 'Cascade Lake',
  'Intel/6/106': 'Ice Lake',
  'Intel/6/143': 'Sapphire Rapids',
  'Intel/6/207': 'Emerald Rapids',
  'Intel/6/173': 'Granite Rapids',
  'AMD/23/1': 'EPYC 1st Gen',
  'AMD/23/49': 'EPYC 2nd Gen',
  'AMD/25/1': 'EPYC 3rd Gen',
  'AMD/25/17': 'EPYC 4th Gen',
};

/** The processor by its CPUID numbers; model 85 is Skylake and Cascade Lake, which differ by 1 %. */
export function processorByCpuid(vendor: string, family: string, model: string): Processor | undefined {
  return BY_CPUID[`${vendor}/${family}/${model}`];
}
