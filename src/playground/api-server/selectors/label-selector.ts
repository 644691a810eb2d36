/** Label selectors: the text form of queries and the structured form of objects. */
import type { LabelSelector } from '#apis/kubernetes/builtin.ts';
import { badRequest } from '../wire/status-error.ts';

export type Labels = Readonly<Record<string, string>>;
export type LabelTest = (labels: Labels) => boolean;

const EVERYTHING: LabelTest = () => true;
const NO_LABELS: Labels = Object.freeze({});

/** `a in (x,y)`, `a notin (x)`, `a=b`, `a==b`, `a!=b`, `!a`, `a`. */
const SET = /^([^\s!=,()]+)\s+(in|notin)\s*\(([^()]*)\)$/;
const EQUALITY = /^([^\s!=,()]+)\s*(=|==|!=)\s*([^\s!=,()]*)$/;
const EXISTENCE = /^(!?)\s*([^\s!=,()]+)$/;
const COMPARISON = /^([^\s!=,()<>]+)\s*([<>])\s*(-?\d+)$/;
const KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** Commas outside of parentheses part the requirements. */
function split(text: string): readonly string[] {
  return text
    .split(/,(?![^()]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function setTest(key: string, operator: string, values: readonly string[]): LabelTest {
  const wanted = new Set(values);
  if (operator === 'in') return (labels) => labels[key] !== undefined && wanted.has(labels[key]);
  return (labels) => labels[key] === undefined || !wanted.has(labels[key]);
}

/** Each reads one form of requirement; undefined where the text has another. */
const PARSERS: readonly ((text: string) => LabelTest | undefined)[] = [
  (text) => {
    const [, key, operator, values] = SET.exec(text) ?? [];
    if (key === undefined || operator === undefined || values === undefined) return undefined;
    return setTest(
      key,
      operator,
      values.split(',').map((value) => value.trim()),
    );
  },
  (text) => {
    const [, key, operator, value] = EQUALITY.exec(text) ?? [];
    if (key === undefined || value === undefined) return undefined;
    return setTest(key, operator === '!=' ? 'notin' : 'in', [value]);
  },
  (text) => {
    const [, key, relation, bound] = COMPARISON.exec(text) ?? [];
    return key === undefined ? undefined : comparisonTest(key, relation === '>', Number(bound));
  },
  (text) => {
    const [, negation, name] = EXISTENCE.exec(text) ?? [];
    if (name === undefined || !KEY.test(name)) return undefined;
    return (labels) => (labels[name] === undefined) === (negation === '!');
  },
];

function requirementTest(text: string): LabelTest | undefined {
  for (const parser of PARSERS) {
    const test = parser(text);
    if (test !== undefined) return test;
  }
  return undefined;
}

function comparisonTest(key: string, isGreater: boolean, bound: number): LabelTest {
  return (labels) => {
    const value = Number(labels[key] ?? Number.NaN);
    return isGreater ? value > bound : value < bound;
  };
}

/** The test of a selector in a query. Throws BadRequest where it cannot be read. */
export function parseLabelSelector(text: string): LabelTest {
  const tests = split(text).map((part) => {
    const test = requirementTest(part);
    if (test === undefined) throw badRequest(`unable to parse requirement: ${unreadable(part)}`);
    return test;
  });
  if (tests.length === 0) return EVERYTHING;
  return (labels) => tests.every((test) => test(labels));
}

function unreadable(part: string): string {
  return `found '${part}', expected: identifier or '!' with an operator of '=', '!=', '==', 'in', 'notin'`;
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
