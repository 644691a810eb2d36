/** Rules of the apps group. */
import { objectAt } from '../json/json.ts';
import { isNewSpec } from '../resources/kind-rules.ts';
import { selectable } from '../selectors/field-selector.ts';
import { type ApiObject, withMeta } from '../storage/api-object.ts';
import {
  daemonSetErrors,
  deploymentErrors,
  deploymentStatusErrors,
  replicaSetErrors,
  selectorChangeErrors,
  statefulSetChangeErrors,
  statefulSetErrors,
} from '../validation/workloads.ts';
import type { BuiltinOptions } from './builtin-options.ts';

/** The generation of the template, which the first versions of DaemonSets had in their spec. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

function withTemplateGeneration(object: ApiObject, generation: string): ApiObject {
  return withMeta(object, {
    annotations: { ...object.metadata.annotations, [TEMPLATE_GENERATION]: generation },
  });
}

function nextTemplateGeneration(object: ApiObject, previous: ApiObject): ApiObject {
  const present = previous.metadata.annotations?.[TEMPLATE_GENERATION] ?? '1';
  const isChanged = objectAt(object, 'spec')['template'] !== objectAt(previous, 'spec')['template'];
  return withTemplateGeneration(object, isChanged ? String(Number(present) + 1) : present);
}

/** Annotations are copied to replica sets, so changing them is a new generation as well. */
function isNewDeployment(object: ApiObject, previous: ApiObject): boolean {
  return isNewSpec(object, previous) || object.metadata.annotations !== previous.metadata.annotations;
}

export const WORKLOAD_KINDS: Readonly<Record<string, BuiltinOptions>> = {
  'apps/deployments': {
    isNewGeneration: isNewDeployment,
    statusKeepsMeta: ['labels'],
    validate: deploymentErrors,
    validateChange: selectorChangeErrors,
    validateStatus: deploymentStatusErrors,
  },
  'apps/replicasets': {
    isNewGeneration: isNewSpec,
    validate: replicaSetErrors,
    validateChange: selectorChangeErrors,
    selectable: selectable('status.replicas'),
  },
  'apps/statefulsets': {
    isNewGeneration: isNewSpec,
    validate: statefulSetErrors,
    validateChange: statefulSetChangeErrors,
  },
  'apps/daemonsets': {
    isNewGeneration: isNewSpec,
    prepareCreate: (object) => withTemplateGeneration(object, '1'),
    prepareUpdate: nextTemplateGeneration,
    validate: daemonSetErrors,
    validateChange: selectorChangeErrors,
  },
  'apps/controllerrevisions': {},
};
