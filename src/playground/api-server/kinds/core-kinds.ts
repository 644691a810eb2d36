/** Rules of the core group besides pods, and of events in their own group. */
import type { UpdateRules } from '../resources/kind-rules.ts';
import { withField } from '../resources/kind-rules.ts';
import { allBut } from '../apply/field-filter.ts';
import { asList, asText, objectAt, textAt } from '../json/json.ts';
import { type SelectableFields, selectable } from '../selectors/field-selector.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { NO_ERRORS } from '../validation/field-error.ts';
import { dnsLabelProblems } from '../validation/names.ts';
import {
  claimErrors,
  configMapErrors,
  eventErrors,
  frozenErrors,
  nodeErrors,
  secretChangeErrors,
  secretErrors,
  serviceChangeErrors,
  serviceErrors,
} from '../validation/core.ts';
import type { BuiltinOptions } from './builtin-options.ts';

const KUBERNETES = 'kubernetes';

function withKubernetesFinalizer(namespace: ApiObject): ApiObject {
  const finalizers = asList(objectAt(namespace, 'spec')['finalizers']);
  if (finalizers.includes(KUBERNETES)) return namespace;
  return withField(namespace, 'spec', { finalizers: [...finalizers, KUBERNETES] });
}

/** The finalizers of the spec are changed through `finalize` alone. */
const finalizeRules: UpdateRules = {
  prepare: (namespace, previous) => withField(namespace, 'status', previous['status']),
  validate: () => NO_ERRORS,
  ownable: allBut(['status']),
};

const namespace: BuiltinOptions = {
  nameProblems: dnsLabelProblems,
  prepareCreate: withKubernetesFinalizer,
  prepareUpdate: (object, previous) => withField(object, 'spec', previous['spec']),
  prepareDelete: (object) =>
    withField(object, 'status', { ...objectAt(object, 'status'), phase: 'Terminating' }),
  isEndedByController: true,
  isHeld: (object) => asList(objectAt(object, 'spec')['finalizers']).length > 0,
  views: { finalize: finalizeRules },
  selectable: { ...selectable('status.phase'), name: (object) => object.metadata.name ?? '' },
};

const INVOLVED = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const;

/** The same fields under the names of both versions of events. */
const eventFields: SelectableFields = {
  ...selectable('reason', 'type', 'reportingComponent'),
  ...Object.fromEntries(
    INVOLVED.flatMap((name) => {
      const read = (event: ApiObject): string =>
        textAt(event, 'involvedObject', name) || textAt(event, 'regarding', name);
      return [
        [`involvedObject.${name}`, read],
        [`regarding.${name}`, read],
      ];
    }),
  ),
  source: (event) => textAt(event, 'source', 'component') || textAt(event, 'reportingComponent'),
  reportingController: (event) => textAt(event, 'reportingComponent') || textAt(event, 'reportingController'),
};

const event: BuiltinOptions = {
  createOnUpdate: true,
  propagation: 'Never',
  validate: eventErrors,
  selectable: eventFields,
};

const secret: BuiltinOptions = {
  prepareUpdate: (object, previous) =>
    asText(object['type']) === '' ? withField(object, 'type', previous['type']) : object,
  validate: secretErrors,
  validateChange: secretChangeErrors,
  selectable: selectable('type'),
};

export const CORE_KINDS: Readonly<Record<string, BuiltinOptions>> = {
  '/namespaces': namespace,
  '/nodes': {
    keepsStatusOnCreate: true,
    validate: nodeErrors,
    selectable: {
      'spec.unschedulable': (node) => String(objectAt(node, 'spec')['unschedulable'] === true),
    },
  },
  '/services': {
    nameProblems: dnsLabelProblems,
    createOnUpdate: true,
    returnsDeleted: true,
    validate: serviceErrors,
    validateChange: serviceChangeErrors,
    selectable: selectable('spec.clusterIP', 'spec.type'),
  },
  '/configmaps': { validate: configMapErrors, validateChange: frozenErrors },
  '/secrets': secret,
  '/events': event,
  'events.k8s.io/events': event,
  '/endpoints': {},
  '/serviceaccounts': { returnsDeleted: true },
  '/persistentvolumes': { returnsDeleted: true },
  '/persistentvolumeclaims': { returnsDeleted: true, validate: claimErrors },
  '/resourcequotas': { returnsDeleted: true },
  '/limitranges': { createOnUpdate: true },
};
