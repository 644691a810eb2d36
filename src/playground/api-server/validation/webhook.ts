/** What holds for the configurations of admission webhooks. */
import { celEnvironment, celProblem } from '../cel/environment.ts';
import { type JsonObject, asList, asNumber, asObject, asText, isObject, isPresent } from '../json/json.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { each, oneOfIfPresent } from './checks.ts';
import {
  type FieldErrors,
  NO_ERRORS,
  duplicate,
  invalid,
  notSupported,
  required,
  tooMany,
} from './field-error.ts';
import { labelSelectorErrors } from './label-selector.ts';
import {
  dns1035LabelProblems,
  dnsSubdomainProblems,
  portNumberProblems,
  qualifiedNameProblems,
} from './names.ts';
import { problemsAt } from './object-meta.ts';

const SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];
const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const MAX_CONDITIONS = 64;
const URL_FORM = 'desired format: https://host[/path]';

/** The variables of match conditions. */
export const CONDITION_VARIABLES = ['object', 'oldObject', 'request', 'authorizer'];

export function webhookConfigurationErrors(configuration: ApiObject): FieldErrors {
  return [
    ...each(configuration['webhooks'], 'webhooks', webhookErrors),
    ...duplicateErrors(configuration['webhooks'], 'webhooks'),
  ];
}

function webhookErrors(webhook: JsonObject, field: string): FieldErrors {
  return [
    ...nameErrors(webhook['name'], `${field}.name`),
    ...each(webhook['rules'], `${field}.rules`, ruleErrors),
    ...oneOfIfPresent(webhook['failurePolicy'], `${field}.failurePolicy`, ['Fail', 'Ignore']),
    ...oneOfIfPresent(webhook['matchPolicy'], `${field}.matchPolicy`, ['Equivalent', 'Exact']),
    ...sideEffectErrors(webhook['sideEffects'], `${field}.sideEffects`),
    ...timeoutErrors(asNumber(webhook['timeoutSeconds']), `${field}.timeoutSeconds`),
    ...labelSelectorErrors(webhook['namespaceSelector'], `${field}.namespaceSelector`),
    ...labelSelectorErrors(webhook['objectSelector'], `${field}.objectSelector`),
    ...oneOfIfPresent(webhook['reinvocationPolicy'], `${field}.reinvocationPolicy`, ['IfNeeded', 'Never']),
    ...clientErrors(asObject(webhook['clientConfig']), `${field}.clientConfig`),
    ...conditionListErrors(webhook['matchConditions'], `${field}.matchConditions`),
    ...reviewVersionErrors(asList(webhook['admissionReviewVersions']), `${field}.admissionReviewVersions`),
  ];
}

function nameErrors(value: unknown, field: string): FieldErrors {
  const name = asText(value);
  if (name === '') return [required(field)];
  const problems = problemsAt(field, name, dnsSubdomainProblems(name));
  if (problems.length > 0 || name.split('.').length >= 3) return problems;
  return [invalid(field, name, 'should be a domain with at least three segments separated by dots')];
}

function duplicateErrors(list: unknown, field: string): FieldErrors {
  const names = asList(list).map((item) => asText(asObject(item)['name']));
  return names.flatMap((name, index) =>
    name !== '' && names.indexOf(name) < index ? [duplicate(`${field}[${index}].name`, name)] : [],
  );
}

function ruleErrors(rule: JsonObject, field: string): FieldErrors {
  const operations = asList(rule['operations']);
  const unknown = operations.flatMap((operation, index) =>
    OPERATIONS.includes(asText(operation))
      ? []
      : [notSupported(`${field}.operations[${index}]`, operation, OPERATIONS)],
  );
  return [
    ...wildcardErrors(operations, `${field}.operations`, 'operations'),
    ...unknown,
    ...wildcardErrors(asList(rule['apiGroups']), `${field}.apiGroups`, 'API groups'),
    ...wildcardErrors(asList(rule['apiVersions']), `${field}.apiVersions`, 'API versions'),
    ...emptyErrors(asList(rule['apiVersions']), `${field}.apiVersions`),
    ...resourceErrors(asList(rule['resources']), `${field}.resources`),
    ...oneOfIfPresent(rule['scope'], `${field}.scope`, SCOPES),
  ];
}

/** A list that must not be empty, and holds everything or something. */
function wildcardErrors(values: readonly unknown[], field: string, what: string): FieldErrors {
  if (values.length === 0) return [required(field)];
  if (values.length === 1 || !values.includes('*')) return NO_ERRORS;
  return [invalid(field, values, `if '*' is present, must not specify other ${what}`)];
}

function emptyErrors(values: readonly unknown[], field: string): FieldErrors {
  return values.flatMap((value, index) => (value === '' ? [required(`${field}[${index}]`)] : []));
}

function resourceErrors(values: readonly unknown[], field: string): FieldErrors {
  if (values.length === 0) return [required(field)];
  const plain = values.map(asText).filter((value) => !value.includes('/') && value !== '*');
  return [
    ...emptyErrors(values, field),
    ...(values.length > 1 && values.includes('*/*')
      ? [invalid(field, values, "if '*/*' is present, must not specify other resources")]
      : []),
    ...(values.includes('*') && plain.length > 0
      ? [invalid(field, values, "if '*' is present, must not specify other resources without subresources")]
      : []),
  ];
}

function sideEffectErrors(value: unknown, field: string): FieldErrors {
  if (!isPresent(value)) return [required(field, `must specify one of ${SIDE_EFFECTS.join(', ')}`)];
  return SIDE_EFFECTS.includes(asText(value)) ? NO_ERRORS : [notSupported(field, value, SIDE_EFFECTS)];
}

function timeoutErrors(seconds: number | undefined, field: string): FieldErrors {
  if (seconds === undefined || (seconds >= 1 && seconds <= 30)) return NO_ERRORS;
  return [invalid(field, seconds, 'the timeout value must be between 1 and 30 seconds')];
}

function clientErrors(client: JsonObject, field: string): FieldErrors {
  const { url, service } = client;
  if (isPresent(url) === isObject(service)) {
    return [required(field, 'exactly one of url or service is required')];
  }
  return isObject(service)
    ? serviceErrors(service, `${field}.service`)
    : urlErrors(asText(url), `${field}.url`);
}

function serviceErrors(service: JsonObject, field: string): FieldErrors {
  const port = asNumber(service['port']) ?? 0;
  const path = asText(service['path']);
  const missing = ['name', 'namespace'].filter((name) => asText(service[name]) === '');
  return [
    ...missing.map((name) => required(`${field}.${name}`)),
    ...portNumberProblems(port).map((problem) =>
      invalid(`${field}.port`, port, `port is not valid: ${problem}`),
    ),
    ...(path === '' || path.startsWith('/') ? [] : [invalid(`${field}.path`, path, "must start with a '/'")]),
  ];
}

function urlErrors(text: string, field: string): FieldErrors {
  if (!URL.canParse(text)) return [required(field, `url must be a valid URL: ${text}; ${URL_FORM}`)];
  const url = new URL(text);
  const scheme = url.protocol.slice(0, -1);
  return [
    ...(scheme === 'https'
      ? []
      : [invalid(field, scheme, `'https' is the only allowed URL scheme; ${URL_FORM}`)]),
    ...(url.host === '' ? [invalid(field, url.host, `host must be specified; ${URL_FORM}`)] : []),
    ...(url.username === ''
      ? []
      : [invalid(field, url.username, 'user information is not permitted in the URL')]),
    ...(url.hash === '' ? [] : [invalid(field, url.hash.slice(1), 'fragments are not permitted in the URL')]),
    ...(url.search === ''
      ? []
      : [invalid(field, url.search.slice(1), 'query parameters are not permitted in the URL')]),
  ];
}

function reviewVersionErrors(versions: readonly unknown[], field: string): FieldErrors {
  if (versions.length === 0) return [required(field, `must specify one of ${REVIEW_VERSIONS.join(', ')}`)];
  const own = versions.flatMap((version, index) => {
    const path = `${field}[${index}]`;
    if (versions.indexOf(version) < index) return [invalid(path, version, 'duplicate version')];
    return problemsAt(path, version, dns1035LabelProblems(asText(version)));
  });
  const isKnown = versions.some((version) => REVIEW_VERSIONS.includes(asText(version)));
  if (isKnown) return own;
  return [...own, invalid(field, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`)];
}

function conditionListErrors(list: unknown, field: string): FieldErrors {
  const count = asList(list).length;
  return [
    ...(count > MAX_CONDITIONS ? [tooMany(field, count, MAX_CONDITIONS)] : []),
    ...each(list, field, conditionErrors),
    ...duplicateErrors(list, field),
  ];
}

function conditionErrors(condition: JsonObject, field: string): FieldErrors {
  const expression = asText(condition['expression']).trim();
  const name = asText(condition['name']);
  return [
    ...(expression === ''
      ? [required(`${field}.expression`)]
      : expressionErrors(expression, `${field}.expression`)),
    ...(name === ''
      ? [required(`${field}.name`)]
      : problemsAt(`${field}.name`, name, qualifiedNameProblems(name))),
  ];
}

function expressionErrors(expression: string, field: string): FieldErrors {
  const problem = celProblem(celEnvironment(CONDITION_VARIABLES), expression);
  return problem === undefined
    ? NO_ERRORS
    : [invalid(field, expression, `compilation failed: ERROR: <input>: ${problem}`)];
}
