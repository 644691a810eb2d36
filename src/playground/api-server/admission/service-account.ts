/** Every pod runs as a service account, and its containers find the account's token where clients look for it. */
import { type JsonObject, asList, asObject, asObjects, asText, isList } from '../json/json.ts';
import { withField } from '../resources/kind-rules.ts';
import { type ApiObject, storageKey } from '../storage/api-object.ts';
import { forbidden } from '../wire/status-error.ts';
import { randomSuffix } from '../writes/random-suffix.ts';
import type { WriteAttributes } from './admission.ts';
import { type AdmissionPlugin, type PluginContext, isCreationOf } from './plugin.ts';

const ACCOUNTS = { group: '', plural: 'serviceaccounts' };
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const MIRROR = 'kubernetes.io/config.mirror';
const DEFAULT_ACCOUNT = 'default';
/** An hour and a few seconds, so that kubelets recognise what the API server set. */
const TOKEN_SECONDS = 3607;
const FILE_MODE = 0o644;

function admit(attributes: WriteAttributes, context: PluginContext): ApiObject {
  const { object: pod, call } = attributes;
  if (!isCreationOf(attributes, '', 'pods') || pod.metadata.annotations?.[MIRROR] !== undefined) return pod;
  const spec = asObject(pod['spec']);
  const name = asText(spec['serviceAccountName']) || DEFAULT_ACCOUNT;
  const account = context.store.collection(ACCOUNTS).get(storageKey(call.namespace, name));
  if (account === undefined) {
    const problem = `error looking up service account ${call.namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`;
    throw forbidden(call.resource, pod.metadata.name ?? '', problem);
  }
  const named = { ...spec, serviceAccountName: name, serviceAccount: name };
  const mounted = wantsToken(named, account) ? withToken(named, context) : named;
  return withField(pod, 'spec', withPullSecrets(mounted, account));
}

/** The pod decides before its account does. */
function wantsToken(spec: JsonObject, account: ApiObject): boolean {
  return (spec['automountServiceAccountToken'] ?? account['automountServiceAccountToken']) !== false;
}

function withToken(spec: JsonObject, context: PluginContext): JsonObject {
  const volume = `kube-api-access-${randomSuffix(context.random)}`;
  const lists = ['initContainers', 'containers'].filter((list) => isList(spec[list]));
  const isNeeded = lists.some((list) => asObjects(spec[list]).some((container) => !hasMount(container)));
  if (!isNeeded) return spec;
  const mounted = lists.map((list) => [
    list,
    asObjects(spec[list]).map((container) => withMount(container, volume)),
  ]);
  return {
    ...spec,
    ...(Object.fromEntries(mounted) as JsonObject),
    volumes: [...asList(spec['volumes']), tokenVolume(volume)],
  };
}

function hasMount(container: JsonObject): boolean {
  return asObjects(container['volumeMounts']).some(({ mountPath }) => mountPath === MOUNT_PATH);
}

function withMount(container: JsonObject, name: string): JsonObject {
  if (hasMount(container)) return container;
  const mount = { name, mountPath: MOUNT_PATH, readOnly: true };
  return { ...container, volumeMounts: [...asList(container['volumeMounts']), mount] };
}

function tokenVolume(name: string): JsonObject {
  const namespace = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } };
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [namespace] } },
      ],
      defaultMode: FILE_MODE,
    },
  };
}

function withPullSecrets(spec: JsonObject, account: ApiObject): JsonObject {
  const secrets = account['imagePullSecrets'];
  return asList(spec['imagePullSecrets']).length > 0 || !isList(secrets)
    ? spec
    : { ...spec, imagePullSecrets: secrets };
}

export const serviceAccount: AdmissionPlugin = { admit };
