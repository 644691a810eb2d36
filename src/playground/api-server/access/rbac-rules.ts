/** What the rules of roles allow. */
import { type JsonObject, asList, asText } from '../json/json.ts';
import type { AccessRequest } from './access-request.ts';

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

const NAMES = ['verbs', 'apiGroups', 'resources', 'resourceNames', 'nonResourceURLs'] as const;

export function policyRuleOf(rule: JsonObject): PolicyRule {
  const entries = NAMES.map((name) => [name, asList(rule[name]).map(asText)]);
  return Object.fromEntries(entries) as Record<(typeof NAMES)[number], readonly string[]>;
}

export function ruleAllows(rule: PolicyRule, request: AccessRequest): boolean {
  if (!holds(rule.verbs, request.verb)) return false;
  if (request.resource === '')
    return rule.nonResourceURLs.some((pattern) => matchesPath(pattern, request.path));
  return (
    holds(rule.apiGroups, request.group) &&
    matchesResource(rule.resources, request) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(request.name))
  );
}

function holds(values: readonly string[], wanted: string): boolean {
  return values.includes('*') || values.includes(wanted);
}

function matchesResource(resources: readonly string[], { resource, subresource }: AccessRequest): boolean {
  if (subresource === '') return holds(resources, resource);
  return holds(resources, `${resource}/${subresource}`) || resources.includes(`*/${subresource}`);
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)));
}
