/** Defaults of webhooks, custom resource definitions, RBAC, storage, scheduling and discovery. */
import type { DefaultRule } from '../decode/decoder.ts';
import { asObject, asObjects, asText, isPresent, objectAt } from '../json/json.ts';
import { constants, fill, filled } from './fill.ts';

const RBAC_GROUP = 'rbac.authorization.k8s.io';
const CRD = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.';

const WEBHOOK = {
  failurePolicy: 'Fail',
  matchPolicy: 'Equivalent',
  namespaceSelector: {},
  objectSelector: {},
  timeoutSeconds: 10,
};

const roleBinding: DefaultRule = (draft) => {
  const roleRef = asObject(draft['roleRef']);
  draft['roleRef'] = filled(roleRef, { apiGroup: RBAC_GROUP });
};

const subject: DefaultRule = (draft) => {
  if (draft['kind'] === 'User' || draft['kind'] === 'Group') fill(draft, { apiGroup: RBAC_GROUP });
};

const definitionSpec: DefaultRule = (draft) => {
  const names = asObject(draft['names']);
  const kind = asText(names['kind']);
  if (kind !== '') draft['names'] = filled(names, { singular: kind.toLowerCase(), listKind: `${kind}List` });
  fill(draft, { conversion: { strategy: 'None' } });
};

const definition: DefaultRule = (draft) => {
  const status = asObject(draft['status']);
  if (isPresent(status['storedVersions'])) return;
  const stored = asObjects(objectAt(draft, 'spec')['versions']).find(
    (version) => version['storage'] === true,
  );
  if (stored !== undefined) draft['status'] = { ...status, storedVersions: [stored['name']] };
};

export const EXTENSION_DEFAULTS: Readonly<Record<string, DefaultRule>> = {
  'admissionregistration.v1.ValidatingWebhook': constants(WEBHOOK),
  'admissionregistration.v1.MutatingWebhook': constants({ ...WEBHOOK, reinvocationPolicy: 'Never' }),
  'admissionregistration.v1.RuleWithOperations': constants({ scope: '*' }),
  'admissionregistration.v1.ServiceReference': constants({ port: 443 }),
  [`${CRD}ServiceReference`]: constants({ port: 443 }),
  [`${CRD}CustomResourceDefinitionSpec`]: definitionSpec,
  [`${CRD}CustomResourceDefinition`]: definition,
  'rbac.v1.RoleBinding': roleBinding,
  'rbac.v1.ClusterRoleBinding': roleBinding,
  'rbac.v1.Subject': subject,
  'storage.v1.StorageClass': constants({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  'scheduling.v1.PriorityClass': constants({ preemptionPolicy: 'PreemptLowerPriority' }),
  'discovery.v1.EndpointPort': (draft) => {
    draft['name'] ??= '';
    fill(draft, { protocol: 'TCP' });
  },
};
