/**
 * Caps a change: no value moves by more than `maxChangePercent` of its present value in one apply; the rest
 * follows in later steps. Rounding always stays on the near side of the cap.
 */
import {
  type Quantity,
  formatQuantity,
  parseQuantity,
  quantityFromNumber,
  quantityToNumber,
} from '#apis/kubernetes/quantity.ts';
import {
  type FieldMap,
  type FieldPath,
  type FieldValue,
  REPLICAS,
  amountOf,
  changedFields,
  parseHpaPath,
  parseResourcePath,
  resourcePath,
  sameValue,
} from './field.ts';

const CPU_STEP_NANO = 1_000_000n; // 1m
const MEMORY_STEP_NANO = 1_048_576n * 1_000_000_000n; // 1Mi

/** The next step from `current` towards `target`: only fields that really change are in it. */
export function capChange(current: FieldMap, target: FieldMap, maxChangePercent: number): FieldMap {
  const share = maxChangePercent / 100;
  const step: Record<FieldPath, FieldValue> = {};
  for (const [path, wanted] of Object.entries(target)) {
    step[path] = capValue(path, { from: current[path] ?? null, to: wanted, share });
  }
  return changedFields(current, keepLimitsAboveRequests(current, step));
}

export interface CapInput {
  readonly from: FieldValue;
  readonly to: FieldValue;
  readonly share: number;
}

function capValue(path: FieldPath, input: CapInput): FieldValue {
  const { from, to, share } = input;
  if (from === null || to === null) return to;
  if (path === REPLICAS || parseHpaPath(path)?.field === 'minReplicas') return capCount(input);
  const resource = parseResourcePath(path)?.resource;
  if (resource === undefined) return to;
  return capQuantity({ from: parseQuantity(from), to: parseQuantity(to), share, resource });
}

/** A count within `share` of the present one, rounded towards it. */
export function capCount({ from, to, share }: CapInput): number {
  const present = Number(from);
  const low = Math.ceil(present * (1 - share) - 1e-9);
  const high = Math.floor(present * (1 + share) + 1e-9);
  return Math.min(Math.max(Number(to), low), high);
}

interface QuantityCap {
  readonly from: Quantity;
  readonly to: Quantity;
  readonly share: number;
  readonly resource: 'cpu' | 'memory';
}

function capQuantity({ from, to, share, resource }: QuantityCap): string {
  const present = quantityToNumber(from);
  const wanted = quantityToNumber(to);
  if (wanted >= present * (1 - share) && wanted <= present * (1 + share)) return formatQuantity(to);
  const stepNano = resource === 'cpu' ? CPU_STEP_NANO : MEMORY_STEP_NANO;
  const format = resource === 'cpu' ? 'DecimalSI' : 'BinarySI';
  const bound = wanted < present ? present * (1 - share) : present * (1 + share);
  const rounded = quantityFromNumber(bound, format, stepNano);
  // Rounding is upwards: right for a floor, one step too far for a ceiling.
  if (wanted < present || quantityToNumber(rounded) <= bound) return formatQuantity(rounded);
  return formatQuantity({ nano: rounded.nano - stepNano, format });
}

/** A limit that would fall below its request in this step is held at the request. */
function keepLimitsAboveRequests(current: FieldMap, step: FieldMap): FieldMap {
  const kept: Record<FieldPath, FieldValue> = { ...step };
  for (const path of Object.keys(step)) {
    const field = parseResourcePath(path);
    if (field?.list !== 'limits') continue;
    const requestPath = resourcePath({ ...field, list: 'requests' });
    const request = step[requestPath] ?? current[requestPath] ?? null;
    const limitAmount = amountOf(step[path]);
    if (limitAmount !== undefined && limitAmount < (amountOf(request) ?? 0)) kept[path] = request;
  }
  return kept;
}

/** True where `step` leads all the way to `target`. */
export function reachesTarget(step: FieldMap, current: FieldMap, target: FieldMap): boolean {
  return Object.entries(target).every(([path, wanted]) => sameValue(step[path] ?? current[path], wanted));
}
