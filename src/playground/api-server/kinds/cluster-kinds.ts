/** Rules of the groups that configure the cluster: RBAC, webhooks, classes, leases and definitions. */
import { holdDefinition } from '../custom/definition-deletion.ts';
import { definitionChangeErrors, definitionErrors } from '../custom/definition-errors.ts';
import { asList, asObject, asObjects, objectAt } from '../json/json.ts';
import { isNewContent, isNewSpec, withField } from '../resources/kind-rules.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { pathSegmentProblems } from '../validation/names.ts';
import {
  leaseErrors,
  priorityClassChangeErrors,
  priorityClassErrors,
  roleBindingChangeErrors,
  roleBindingErrors,
  roleErrors,
} from '../validation/cluster.ts';
import { webhookConfigurationErrors } from '../validation/webhook.ts';
import type { BuiltinOptions } from './builtin-options.ts';

const role: BuiltinOptions = {
  nameProblems: pathSegmentProblems,
  createOnUpdate: true,
  validate: roleErrors,
};
const binding: BuiltinOptions = {
  nameProblems: pathSegmentProblems,
  createOnUpdate: true,
  validate: roleBindingErrors,
  validateChange: roleBindingChangeErrors,
};
const webhooks: BuiltinOptions = {
  isNewGeneration: isNewContent,
  unconditionalUpdate: false,
  validate: webhookConfigurationErrors,
};

/** The versions in which instances may be stored: those that were, and the one that is. */
function withStoredVersion(definition: ApiObject): ApiObject {
  const stored = asObjects(objectAt(definition, 'spec')['versions']).find(({ storage }) => storage === true);
  const status = asObject(definition['status']);
  const known = asList(status['storedVersions']);
  if (stored === undefined || known.includes(stored['name'])) return definition;
  return withField(definition, 'status', { ...status, storedVersions: [...known, stored['name']] });
}

export const CLUSTER_KINDS: Readonly<Record<string, BuiltinOptions>> = {
  'rbac.authorization.k8s.io/roles': role,
  'rbac.authorization.k8s.io/rolebindings': binding,
  'rbac.authorization.k8s.io/clusterroles': role,
  'rbac.authorization.k8s.io/clusterrolebindings': binding,
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': webhooks,
  'admissionregistration.k8s.io/validatingwebhookconfigurations': webhooks,
  'coordination.k8s.io/leases': { createOnUpdate: true, unconditionalUpdate: false, validate: leaseErrors },
  'discovery.k8s.io/endpointslices': { isNewGeneration: isNewContent },
  'scheduling.k8s.io/priorityclasses': {
    isNewGeneration: () => false,
    validate: priorityClassErrors,
    validateChange: priorityClassChangeErrors,
  },
  'storage.k8s.io/storageclasses': { returnsDeleted: true },
  'apiextensions.k8s.io/customresourcedefinitions': {
    isNewGeneration: isNewSpec,
    unconditionalUpdate: false,
    prepareCreate: withStoredVersion,
    prepareUpdate: withStoredVersion,
    prepareDelete: holdDefinition,
    isEndedByController: true,
    validate: definitionErrors,
    validateChange: definitionChangeErrors,
  },
};
