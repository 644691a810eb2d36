/** Label selectors: the text form of queries and the structured form of objects. */
import type { LabelSelector } from '#apis/kubernetes/builtin.ts';
import { badRequest } from '../wire/status-error.ts';
import { type Requirement, SelectorError, parseRequirements } from './label-selector-parser.ts';

export type Labels = Readonly<Record<string, string>>;
export type LabelTest = (labels: Labels) => boolean;

const EVERYTHING: LabelTest = () => true;
const NO_LABELS: Labels = Object.freeze({});

function setTest(key: string, operator: string, values: readonly string[]): LabelTest {
  const wanted = new Set(values);
  if (operator === 'in') return (labels) => labels[key] !== undefined && wanted.has(labels[key]);
  return (labels) => labels[key] === undefined || !wanted.has(labels[key]);
}

function testOf({ key, operator, values }: Requirement): LabelTest {
  switch (operator) {
    case 'exists':
      return (labels) => labels[key] !== undefined;
    case '!':
      return (labels) => labels[key] === undefined;
    case '<':
    case '>':
      return comparisonTest(key, operator === '>', Number(values[0]));
    default:
      return setTest(key, operator, values);
  }
}

function comparisonTest(key: string, isGreater: boolean, bound: number): LabelTest {
  return (labels) => {
    const text = labels[key] ?? '';
    const value = /^[-+]?\d+$/.test(text) ? Number(text) : Number.NaN;
    return isGreater ? value > bound : value < bound;
  };
}

/** The test of a selector in a query. Throws BadRequest where it cannot be read. */
export function parseLabelSelector(text: string): LabelTest {
  const tests = requirementsOf(text).map(testOf);
  if (tests.length === 0) return EVERYTHING;
  return (labels) => tests.every((test) => test(labels));
}

function requirementsOf(text: string): readonly Requirement[] {
  try {
    return parseRequirements(text);
  } catch (error) {
    throw error instanceof SelectorError ? badRequest(error.message) : error;
  }
}

/** The test of a structured selector; an absent one selects nothing, an empty one everything. */
export function selectorTest(selector: LabelSelector | null | undefined): LabelTest {
  if (selector === null || selector === undefined) return () => false;
  const equal = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => setTest(key, 'in', [value]));
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values }) => {
    if (operator === 'Exists') return (labels: Labels) => labels[key] !== undefined;
    if (operator === 'DoesNotExist') return (labels: Labels) => labels[key] === undefined;
    return setTest(key, operator === 'In' ? 'in' : 'notin', values ?? []);
  });
  const tests = [...equal, ...expressions];
  return (labels) => tests.every((test) => test(labels));
}

/** The labels of anything that has metadata. */
export function labelsOf(object: { readonly metadata?: { readonly labels?: Labels } } | undefined): Labels {
  return object?.metadata?.labels ?? NO_LABELS;
}

/** The text form of a structured selector, keys in alphabetical order. */
export function selectorText(selector: LabelSelector | null | undefined): string {
  if (selector === null || selector === undefined) return '<none>';
  const equal = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
    key,
    text: `${key}=${value}`,
  }));
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values }) => ({
    key,
    text: expressionText(key, operator, [...(values ?? [])].sort()),
  }));
  const parts = [...equal, ...expressions].sort((a, b) => (a.key < b.key ? -1 : 1));
  return parts.map(({ text }) => text).join(',');
}

function expressionText(key: string, operator: string, values: readonly string[]): string {
  if (operator === 'Exists') return key;
  if (operator === 'DoesNotExist') return `!${key}`;
  return `${key} ${operator.toLowerCase()} (${values.join(',')})`;
}
