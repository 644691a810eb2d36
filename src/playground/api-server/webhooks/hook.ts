/** Webhooks as their configurations describe them, in a form that is quick to ask. */
import { type CelProgram, celEnvironment, compileCel } from '../cel/environment.ts';
import { type JsonObject, asList, asNumber, asObject, asObjects, asText, objectAt } from '../json/json.ts';
import { type LabelTest, selectorTest } from '../selectors/label-selector.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { isEmptySelector } from '../validation/label-selector.ts';
import { CONDITION_VARIABLES } from '../validation/webhook.ts';

export type HookKind = 'mutating' | 'validating';

export interface HookRule {
  readonly operations: readonly string[];
  readonly groups: readonly string[];
  readonly versions: readonly string[];
  readonly resources: readonly string[];
  readonly scope: string;
}

export interface MatchCondition {
  readonly expression: string;
  readonly program: CelProgram;
}

export interface Hook {
  readonly kind: HookKind;
  /** Tells hooks of one name apart. */
  readonly id: string;
  readonly name: string;
  readonly rules: readonly HookRule[];
  /** Undefined where every namespace is meant. */
  readonly namespaces: LabelTest | undefined;
  /** Undefined where every object is meant. */
  readonly objects: LabelTest | undefined;
  readonly conditions: readonly MatchCondition[];
  readonly ignoresFailure: boolean;
  readonly matchesEquivalents: boolean;
  readonly isReinvoked: boolean;
  readonly supportsDryRun: boolean;
  readonly timeoutSeconds: number;
  readonly reviewVersions: readonly string[];
  readonly client: JsonObject;
}

const DEFAULT_TIMEOUT_SECONDS = 10;

/** The hooks of a configuration, in their order. */
export function hooksOf(kind: HookKind, configuration: ApiObject): readonly Hook[] {
  const counts = new Map<string, number>();
  return asObjects(configuration['webhooks']).map((webhook) => {
    const name = asText(webhook['name']);
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return hookOf(kind, webhook, `${configuration.metadata.name ?? ''}/${name}/${count}`);
  });
}

function hookOf(kind: HookKind, webhook: JsonObject, id: string): Hook {
  return {
    kind,
    id,
    name: asText(webhook['name']),
    rules: asObjects(webhook['rules']).map(ruleOf),
    namespaces: testOf(objectAt(webhook, 'namespaceSelector')),
    objects: testOf(objectAt(webhook, 'objectSelector')),
    conditions: conditionsOf(webhook),
    ignoresFailure: webhook['failurePolicy'] === 'Ignore',
    matchesEquivalents: webhook['matchPolicy'] !== 'Exact',
    isReinvoked: webhook['reinvocationPolicy'] === 'IfNeeded',
    supportsDryRun: ['None', 'NoneOnDryRun'].includes(asText(webhook['sideEffects'])),
    timeoutSeconds: asNumber(webhook['timeoutSeconds']) ?? DEFAULT_TIMEOUT_SECONDS,
    reviewVersions: asList(webhook['admissionReviewVersions']).map(asText),
    client: asObject(webhook['clientConfig']),
  };
}

function ruleOf(rule: JsonObject): HookRule {
  const texts = (name: string): readonly string[] => asList(rule[name]).map(asText);
  return {
    operations: texts('operations'),
    groups: texts('apiGroups'),
    versions: texts('apiVersions'),
    resources: texts('resources'),
    scope: asText(rule['scope']) || '*',
  };
}

function testOf(selector: JsonObject): LabelTest | undefined {
  return isEmptySelector(selector) ? undefined : selectorTest(selector);
}

function conditionsOf(webhook: JsonObject): readonly MatchCondition[] {
  const conditions = asObjects(webhook['matchConditions']);
  if (conditions.length === 0) return [];
  const environment = celEnvironment(CONDITION_VARIABLES);
  return conditions.map((condition) => {
    const expression = asText(condition['expression']);
    return { expression, program: compileCel(environment, expression) };
  });
}
