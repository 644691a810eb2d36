/** The configurations that tell the API server of our webhooks. */
import type {
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from '#apis/kubernetes/builtin.ts';
import type { Webhook } from './webhook.ts';

/** Where the API server finds us: a Service in the cluster, or an address (development, tests). */
export type WebhookTarget =
  | { readonly service: { readonly namespace: string; readonly name: string; readonly port?: number } }
  | { readonly url: string };

export interface ConfigurationOptions {
  readonly name: string;
  readonly target: WebhookTarget;
  /** PEM of the authorities that vouch for us; absent where it is filled in later. */
  readonly caBundle?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** How long the API server waits: a little more than our own deadline of one second. */
const TIMEOUT_SECONDS = 2;

type Configured = NonNullable<ValidatingWebhookConfiguration['webhooks']>[number];

/** The configuration of those webhooks that mutate; undefined where none does. */
export function mutatingConfiguration(
  webhooks: readonly Webhook[],
  options: ConfigurationOptions,
): MutatingWebhookConfiguration | undefined {
  const mutating = webhooks.filter((webhook) => webhook.mutate !== undefined);
  if (mutating.length === 0) return undefined;
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: metadata(options),
    webhooks: mutating.map((webhook) => ({ ...configured(webhook, options), reinvocationPolicy: 'Never' })),
  };
}

/** The configuration of those webhooks that only validate; undefined where none does. */
export function validatingConfiguration(
  webhooks: readonly Webhook[],
  options: ConfigurationOptions,
): ValidatingWebhookConfiguration | undefined {
  const validating = webhooks.filter((webhook) => webhook.mutate === undefined);
  if (validating.length === 0) return undefined;
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: metadata(options),
    webhooks: validating.map((webhook) => configured(webhook, options)),
  };
}

function metadata(options: ConfigurationOptions): { name: string } {
  const { name, labels, annotations } = options;
  return {
    name,
    ...(labels === undefined ? {} : { labels: { ...labels } }),
    ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
  };
}

function configured(webhook: Webhook, options: ConfigurationOptions): Configured {
  const { type, operations, namespaceSelector, objectSelector, matchConditions } = webhook;
  // The published types know of no resources and no scope in a rule.
  const rule = {
    apiGroups: [type.group],
    apiVersions: [type.version],
    resources: [type.plural],
    operations: [...operations],
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
  };
  return {
    name: webhook.name,
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    failurePolicy: webhook.failurePolicy ?? 'Ignore',
    matchPolicy: 'Equivalent',
    timeoutSeconds: TIMEOUT_SECONDS,
    clientConfig: clientConfig(webhook.path, options),
    rules: [rule],
    ...(namespaceSelector === undefined
      ? {}
      : { namespaceSelector: structuredClone(namespaceSelector) as object }),
    ...(objectSelector === undefined ? {} : { objectSelector: structuredClone(objectSelector) as object }),
    ...(matchConditions === undefined ? {} : { matchConditions: [...matchConditions] }),
  };
}

function clientConfig(path: string, options: ConfigurationOptions): Configured['clientConfig'] {
  const { target, caBundle } = options;
  const bundle = caBundle === undefined ? {} : { caBundle: encodeBundle(caBundle) };
  if ('url' in target) return { url: target.url.replace(/\/$/, '') + path, ...bundle };
  return { service: { path, port: 443, ...target.service }, ...bundle };
}

/** PEM as the base64 that a configuration carries. */
export function encodeBundle(pem: string): string {
  return Buffer.from(pem).toString('base64');
}
