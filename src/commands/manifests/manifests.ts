/** The plain manifests of the operator, generated from what the code declares. */
import type { Namespace, Service } from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { Informers } from '#kube/watch/informers.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { SystemClock } from '#platform/clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { systemRandom } from '#platform/random.ts';
import { Admission } from '#runtime/admission/admission.ts';
import {
  type ConfigurationOptions,
  mutatingConfiguration,
  validatingConfiguration,
} from '#runtime/admission/webhook-configuration.ts';
import { rbacManifests } from '#runtime/rbac/rbac-manifests.ts';
import { addWebhooks } from '#webhooks/webhooks.ts';
import { LEASE } from '../operator/operator.ts';
import { OPERATOR_PERMISSIONS } from '../operator/permissions.ts';
import { WEBHOOK_NAMES } from '../operator/webhook-server.ts';
import { DATA_CLAIM, operatorDeployment } from './deployment.ts';
import { LABELS, type ManifestOptions } from './manifest-options.ts';

/** Namespace, rights, Services, Deployment and webhook configurations, in the order in which they are applied. */
export function operatorManifests(options: ManifestOptions): readonly KubeObject[] {
  const { namespace } = options;
  const rbac = rbacManifests(OPERATOR_PERMISSIONS, { name: LEASE, namespace, labels: LABELS });
  return [
    namespaceObject(namespace),
    rbac.serviceAccount,
    rbac.clusterRole,
    rbac.clusterRoleBinding,
    rbac.role,
    rbac.roleBinding,
    service({ name: LEASE, namespace, port: 8080, targetPort: 'metrics' }),
    service({ name: WEBHOOK_NAMES.service, namespace, port: 443, targetPort: 'webhooks' }),
    dataClaim(namespace),
    operatorDeployment(options),
    ...webhookConfigurations(namespace),
  ];
}

/** The restricted level of pod security holds for everything here. */
function namespaceObject(name: string): Namespace {
  const labels = { ...LABELS, 'pod-security.kubernetes.io/enforce': 'restricted' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

function dataClaim(namespace: string): KubeObject {
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: DATA_CLAIM, namespace, labels: { ...LABELS } },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } },
  };
  return claim;
}

interface ServiceOptions {
  readonly name: string;
  readonly namespace: string;
  readonly port: number;
  readonly targetPort: string;
}

function service({ name, namespace, port, targetPort }: ServiceOptions): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: { ...LABELS } },
    spec: { selector: { app: LEASE }, ports: [{ name: targetPort, port, targetPort }] },
  };
}

function webhookConfigurations(namespace: string): KubeObject[] {
  const webhooks = declaredWebhooks(namespace);
  const target = { service: { namespace, name: WEBHOOK_NAMES.service, port: 443 } };
  const shared: Omit<ConfigurationOptions, 'name'> = { target, labels: LABELS };
  const { mutating, validating } = WEBHOOK_NAMES.configurations;
  return [
    ...mutating.map((name) => mutatingConfiguration(webhooks, { ...shared, name })),
    ...validating.map((name) => validatingConfiguration(webhooks, { ...shared, name })),
  ].filter((configuration) => configuration !== undefined);
}

/** The webhooks as the operator declares them; nothing is called, so no cluster is needed. */
function declaredWebhooks(operatorNamespace: string): ReturnType<Admission['all']> {
  const shared = { clock: new SystemClock(), logger: silentLogger };
  const client = new KubeClient({ send: () => Promise.reject(new Error('no cluster is needed')) });
  const informers = new Informers({ client, random: systemRandom, ...shared });
  const admission = new Admission(shared);
  const optimizations = informers.of(COST_OPTIMIZATIONS).store;
  addWebhooks(admission, { client, type: COST_OPTIMIZATIONS, optimizations, operatorNamespace });
  return admission.all();
}
