/**
 * Which of the zones that a processor is measured in to believe. They lie within each other (psys ⊇ package ⊇ core,
 * uncore), so adding them counts the same watts twice; only dram stands beside package, on servers that have it.
 */

export interface ChosenZones {
  readonly cpu: readonly string[];
  readonly dram: readonly string[];
  /** The whole board, beyond the processor and its memory. */
  readonly platform: readonly string[];
  /** None of the usual zones is there. */
  readonly isGuess: boolean;
  readonly note: string;
}

/** `package-0` of the second release and `Package` are package. */
export function zoneName(zone: string): string {
  return zone.toLowerCase().replace(/-\d+$/, '');
}

export function chooseZones(zones: readonly string[]): ChosenZones {
  const has = (zone: string): boolean => zones.includes(zone);
  const dram = has('dram') ? ['dram'] : [];
  const usual = { dram, isGuess: false, note: '' };
  if (has('package')) return { ...usual, cpu: ['package'], platform: has('psys') ? ['psys'] : [] };
  if (has('core'))
    return { ...usual, cpu: ['core', 'uncore'].filter(has), platform: has('psys') ? ['psys'] : [] };
  // Alone it is all there is to know of the processor; its memory is in it.
  if (has('psys')) return { ...usual, cpu: ['psys'], dram: [], platform: [] };
  const [first, ...others] = zones.filter((zone) => zone !== 'dram').sort();
  if (first === undefined) return { ...usual, cpu: [], platform: [] };
  const note = `no zone is called package, core or psys; ${first} is taken of ${[first, ...others].join(', ')}`;
  return { ...usual, cpu: [first], platform: [], isGuess: others.length > 0, note };
}
