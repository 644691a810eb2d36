/** Which webhooks want to see an operation. */
import { type Attributes, namespaceOf } from '../admission/admission.ts';
import { celValue } from '../custom/cel-value.ts';
import { messageOf } from '#errors/kc-error.ts';
import type { Registry } from '../resources/registry.ts';
import type { Resource } from '../resources/resource.ts';
import { type Labels, labelsOf } from '../selectors/label-selector.ts';
import type { Store } from '../storage/store.ts';
import { forbidden, notFound } from '../wire/status-error.ts';
import type { Hook, HookRule } from './hook.ts';
import { type Invocation, requestOf } from './review.ts';

const NAMESPACES = { group: '', plural: 'namespaces' };

export interface MatchContext {
  readonly store: Store;
  readonly registry: Registry;
}

/** A first look: false where no rule of the hook can match, whatever the object. */
export function mayConcern(hook: Hook, attributes: Attributes): boolean {
  const { operation, call } = attributes;
  return hook.rules.some(
    (rule) =>
      holds(rule.operations, operation) &&
      (hook.matchesEquivalents || holds(rule.groups, call.resource.group)) &&
      matchesResource(rule, call.resource.plural, call.subresource),
  );
}

/** How to call the hook about an operation; undefined where it does not want to know. Throws a StatusError. */
export function invocationOf(
  hook: Hook,
  attributes: Attributes,
  context: MatchContext,
): Invocation | undefined {
  const labels = namespaceLabels(hook, attributes, context);
  if (labels !== 'any' && labels !== undefined && hook.namespaces?.(labels) === false) return undefined;
  if (!matchesObject(hook, attributes)) return undefined;
  const resource = matchedResource(hook, attributes, context.registry);
  if (resource === undefined) return undefined;
  if (labels === undefined) throw notFound(NAMESPACES, namespaceOf(attributes));
  const invocation = { hook, resource };
  return meetsConditions(invocation, attributes) ? invocation : undefined;
}

function holds(items: readonly string[], wanted: string): boolean {
  return items.includes('*') || items.includes(wanted);
}

function matchesResource({ resources }: HookRule, plural: string, subresource: string): boolean {
  return resources.some((text) => {
    const [resource = '', sub = ''] = text.split('/', 2);
    return (resource === '*' || resource === plural) && (sub === '*' || sub === subresource);
  });
}

function matchesRule(rule: HookRule, resource: Resource, attributes: Attributes): boolean {
  const { operation, call } = attributes;
  return (
    matchesScope(rule, attributes) &&
    holds(rule.operations, operation) &&
    holds(rule.groups, resource.group) &&
    holds(rule.versions, resource.version) &&
    matchesResource(rule, resource.plural, call.subresource)
  );
}

/** A namespace counts as cluster-scoped, although its requests have a namespace. */
function matchesScope({ scope }: HookRule, attributes: Attributes): boolean {
  if (scope === '*') return true;
  const isClusterScoped = isNamespace(attributes) || namespaceOf(attributes) === '';
  return isClusterScoped === (scope === 'Cluster');
}

/** The resource that a rule means: that of the request, or another version of it. */
function matchedResource(hook: Hook, attributes: Attributes, registry: Registry): Resource | undefined {
  const { resource } = attributes.call;
  if (hook.rules.some((rule) => matchesRule(rule, resource, attributes))) return resource;
  if (!hook.matchesEquivalents) return undefined;
  const { group, plural } = resource.stored;
  const others = registry
    .all()
    .filter((other) => other !== resource && other.stored.group === group && other.stored.plural === plural);
  for (const rule of hook.rules) {
    const found = others.find((other) => matchesRule(rule, other, attributes));
    if (found !== undefined) return found;
  }
  return undefined;
}

function isNamespace({ call }: Attributes): boolean {
  return call.resource.group === '' && call.resource.plural === 'namespaces';
}

/** The labels that a namespace selector is asked about; undefined where the namespace is missing. */
function namespaceLabels(
  hook: Hook,
  attributes: Attributes,
  { store }: MatchContext,
): Labels | 'any' | undefined {
  const { call, operation, object } = attributes;
  const namespace = namespaceOf(attributes);
  if (hook.namespaces === undefined || (namespace === '' && !isNamespace(attributes))) return 'any';
  const isOwn = isNamespace(attributes) && call.subresource === '' && operation !== 'DELETE';
  if (isOwn) return labelsOf(object);
  const found = store.collection(NAMESPACES).get(namespace);
  return found === undefined ? undefined : labelsOf(found);
}

function matchesObject(hook: Hook, { object, previous }: Attributes): boolean {
  const test = hook.objects;
  if (test === undefined) return true;
  return [object, previous].some((candidate) => candidate !== undefined && test(labelsOf(candidate)));
}

/** Throws Forbidden where a condition cannot be evaluated and the hook does not ignore failures. */
function meetsConditions(invocation: Invocation, attributes: Attributes): boolean {
  const { hook } = invocation;
  if (hook.conditions.length === 0) return true;
  const { object, oldObject, ...request } = requestOf(invocation, attributes, '');
  const variables = {
    object: celValue(undefined, object),
    oldObject: celValue(undefined, oldObject),
    request: celValue(undefined, request),
    authorizer: null,
  };
  const problems: string[] = [];
  for (const { expression, program } of hook.conditions) {
    try {
      if (program(variables) === false) return false;
    } catch (error) {
      problems.push(`expression '${expression}' resulted in error: ${messageOf(error).split('\n')[0] ?? ''}`);
    }
  }
  if (problems.length === 0) return true;
  if (hook.ignoresFailure) return false;
  const text = problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`;
  throw forbidden(attributes.call.resource, attributes.call.name, text);
}
