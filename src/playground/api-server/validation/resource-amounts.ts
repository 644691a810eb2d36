/** What holds for requests and limits. */
import { compareQuantities, parseQuantity } from '#apis/kubernetes/quantity.ts';
import { type JsonObject, asObject, asText, isEmptyObject } from '../json/json.ts';
import { NOT_NEGATIVE } from './checks.ts';
import { type FieldErrors, NO_ERRORS, invalid, prohibited, required } from './field-error.ts';
import { qualifiedNameProblems } from './names.ts';
import { problemsAt } from './object-meta.ts';

const HUGE_PAGES = 'hugepages-';
const CONTAINER_RESOURCES = new Set(['cpu', 'memory', 'ephemeral-storage']);
const STANDARD_RESOURCES = new Set([
  ...CONTAINER_RESOURCES,
  'storage',
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
]);
const NATIVE = 'kubernetes.io/';
/** One nano-unit is the smallest amount, so this many make a whole. */
const NANO_PER_UNIT = 1_000_000_000n;

function isExtended(name: string): boolean {
  return (
    name.includes('/') && !name.split('/')[0]?.endsWith('kubernetes.io') && !name.startsWith('requests.')
  );
}

/** Amounts of these may be promised more often than they exist. */
function isOvercommittable(name: string): boolean {
  const isNative = !name.includes('/') || name.includes(NATIVE);
  return isNative && !name.startsWith(HUGE_PAGES);
}

function resourceNameErrors(name: string, field: string): FieldErrors {
  const form = problemsAt(field, name, qualifiedNameProblems(name));
  if (form.length > 0) return form;
  const isHuge = name.startsWith(HUGE_PAGES);
  if (!name.includes('/')) {
    if (CONTAINER_RESOURCES.has(name) || isHuge) return NO_ERRORS;
    const isStandard = STANDARD_RESOURCES.has(name);
    const standard = isStandard
      ? []
      : [invalid(field, name, 'must be a standard resource type or fully qualified')];
    return [...standard, invalid(field, name, 'must be a standard resource for containers')];
  }
  if (name.includes(NATIVE) || isExtended(name)) return NO_ERRORS;
  return [invalid(field, name, "doesn't follow extended resource name standard")];
}

function amountErrors(name: string, amount: string, field: string): FieldErrors {
  const { nano } = parseQuantity(amount);
  if (nano < 0n) return [invalid(field, amount, NOT_NEGATIVE)];
  const isWhole = nano % NANO_PER_UNIT === 0n;
  return isExtended(name) && !isWhole ? [invalid(field, amount, 'must be an integer')] : NO_ERRORS;
}

function entryErrors(list: JsonObject, field: string): FieldErrors {
  return Object.entries(list).flatMap(([name, amount]) => [
    ...resourceNameErrors(name, `${field}[${name}]`),
    ...amountErrors(name, asText(amount), `${field}[${name}]`),
  ]);
}

/** A request is at most the limit, and equal to it where the resource cannot be overcommitted. */
function requestErrors(
  name: string,
  { request, limit }: { request: string; limit: unknown },
  field: string,
): FieldErrors {
  if (limit === undefined) {
    if (isOvercommittable(name)) return NO_ERRORS;
    return [required(`${field}.limits`, 'Limit must be set for non overcommitable resources')];
  }
  const limitText = asText(limit);
  const order = compareQuantities(parseQuantity(request), parseQuantity(limitText));
  if (order !== 0 && !isOvercommittable(name)) {
    return [invalid(`${field}.requests`, request, `must be equal to ${name} limit of ${limitText}`)];
  }
  if (order <= 0) return NO_ERRORS;
  return [
    invalid(`${field}.requests`, request, `must be less than or equal to ${name} limit of ${limitText}`),
  ];
}

/** Errors of the resources of a container. */
export function resourceErrors(resources: JsonObject, field: string): FieldErrors {
  const limits = asObject(resources['limits']);
  const requests = asObject(resources['requests']);
  if (isEmptyObject(limits) && isEmptyObject(requests)) return NO_ERRORS;
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  const hasHuge = names.some((name) => name.startsWith(HUGE_PAGES));
  const isAlone = hasHuge && !names.includes('cpu') && !names.includes('memory');
  return [
    ...entryErrors(limits, `${field}.limits`),
    ...entryErrors(requests, `${field}.requests`),
    ...Object.entries(requests).flatMap(([name, request]) =>
      requestErrors(name, { request: asText(request), limit: limits[name] }, field),
    ),
    ...(isAlone ? [prohibited(field, 'HugePages require cpu or memory')] : []),
  ];
}
