/** Rules of pods. */
import { type JsonObject, asObject, asObjects, objectAt, textAt } from '../json/json.ts';
import { allBut } from '../apply/field-filter.ts';
import type { UpdateRules } from '../resources/kind-rules.ts';
import { isNewSpec, withField } from '../resources/kind-rules.ts';
import { selectable } from '../selectors/field-selector.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { newPodErrors, podChangeErrors, podErrors, podStatusErrors } from '../validation/pod.ts';
import type { BuiltinOptions } from './builtin-options.ts';
import { EPHEMERAL_RULES, RESIZE_RULES } from './pod-resize.ts';
import { qosClassOf } from './qos-class.ts';

/** A pod that is bound ends when its kubelet says so; one that is not, or has ended, goes at once. */
function gracePeriodSeconds(pod: ApiObject, requested: number | undefined): number {
  const phase = textAt(pod, 'status', 'phase');
  const isBound = textAt(pod, 'spec', 'nodeName') !== '';
  if (!isBound || phase === 'Failed' || phase === 'Succeeded') return 0;
  const own = objectAt(pod, 'spec')['terminationGracePeriodSeconds'];
  return requested ?? (typeof own === 'number' ? own : 0);
}

function prepareCreate(pod: ApiObject): ApiObject {
  const status: JsonObject = { phase: 'Pending', qosClass: qosClassOf(pod) };
  const isGated = asObjects(objectAt(pod, 'spec')['schedulingGates']).length > 0;
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'SchedulingGated',
    message: 'Scheduling is blocked due to non-empty scheduling gates',
  };
  return withField(pod, 'status', isGated ? { ...status, conditions: [condition] } : status);
}

/** The QoS class is set once, whatever a kubelet says. */
const statusRules: UpdateRules = {
  prepare: (pod, previous) => {
    const status = asObject(pod['status']);
    const qosClass = status['qosClass'] ?? objectAt(previous, 'status')['qosClass'];
    const owners = previous.metadata.ownerReferences;
    const { ownerReferences: _owners, ...metadata } = pod.metadata;
    return {
      ...previous,
      metadata: owners === undefined ? metadata : { ...metadata, ownerReferences: owners },
      status: { ...status, ...(qosClass === undefined ? {} : { qosClass }) },
    };
  },
  validate: podStatusErrors,
  ownable: allBut(['spec'], ['metadata', 'deletionTimestamp'], ['metadata', 'ownerReferences']),
};

export const POD_KIND: Readonly<Record<string, BuiltinOptions>> = {
  '/pods': {
    isNewGeneration: isNewSpec,
    returnsDeleted: true,
    gracePeriodSeconds,
    prepareCreate,
    validate: podErrors,
    validateCreate: newPodErrors,
    validateChange: podChangeErrors,
    views: { status: statusRules, resize: RESIZE_RULES, ephemeralcontainers: EPHEMERAL_RULES },
    selectable: {
      ...selectable(
        'spec.nodeName',
        'spec.restartPolicy',
        'spec.schedulerName',
        'spec.serviceAccountName',
        'status.phase',
        'status.podIP',
        'status.nominatedNodeName',
      ),
      'spec.hostNetwork': (pod) => String(objectAt(pod, 'spec')['hostNetwork'] === true),
      'status.podIPs': (pod) =>
        asObjects(objectAt(pod, 'status')['podIPs'])
          .map(({ ip }) => String(ip))
          .join(','),
    },
  },
};
