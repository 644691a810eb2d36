/** Measures of the mathematics as evidence for people: a name, a value with its unit, a source, an age. */
import { formatQuantity, quantityFromNumber } from '#apis/kubernetes/quantity.ts';
import type { Alternative, Evidence } from '#apis/optimization.k8s.io/v1/status.ts';
import type { Measure, SizeAlternative, Unit } from '../rightsizing/outcome.ts';

/** Where the numbers come from. */
export interface EvidenceSource {
  readonly source: string;
  readonly ageSeconds: number | undefined;
}

const MEBIBYTE_NANO = 2n ** 20n * 1_000_000_000n;

/** An amount as people write it: `750m`, `512Mi`, `42 %`, `3 kills`. */
export function formatAmount(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) return 'unknown';
  switch (unit) {
    case 'cores':
      return formatQuantity(quantityFromNumber(value));
    case 'bytes':
      return formatQuantity(quantityFromNumber(value, 'BinarySI', MEBIBYTE_NANO));
    case 'ratio':
      return `${String(Math.round(value * 1000) / 10)} %`;
    default:
      return `${String(Math.round(value * 100) / 100)} ${unit}`;
  }
}

export function evidenceOf(subject: string, measure: Measure, from: EvidenceSource): Evidence {
  return {
    name: `${subject}: ${measure.name}`,
    value: formatAmount(measure.value, measure.unit),
    source: `${from.source}: ${measure.why}`,
    ...(from.ageSeconds === undefined ? {} : { ageSeconds: from.ageSeconds }),
  };
}

export function alternativeOf(subject: string, alternative: SizeAlternative): Alternative {
  const { name, value, unit, verdict, why } = alternative;
  return { action: `${subject}: ${name} (${formatAmount(value, unit)})`, verdict, why };
}
