/** Rules of the batch, autoscaling and policy groups. */
import { type JsonObject, asObject, objectAt, withValueAt } from '../json/json.ts';
import { isNewSpec, withField } from '../resources/kind-rules.ts';
import { selectable } from '../selectors/field-selector.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { cronJobErrors, jobChangeErrors, jobErrors } from '../validation/batch.ts';
import { autoscalerErrors, disruptionBudgetErrors } from '../validation/scaling.ts';
import type { BuiltinOptions } from './builtin-options.ts';

/** A job that does not select its pods itself selects them by its uid. */
function withGeneratedSelector(job: ApiObject): ApiObject {
  const spec = asObject(job['spec']);
  if (spec['manualSelector'] === true) return job;
  const { uid = '', name = '' } = job.metadata;
  const labels: JsonObject = {
    ...objectAt(spec, 'template', 'metadata', 'labels'),
    'controller-uid': uid,
    'job-name': name,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
  };
  const labelled = withValueAt(spec, ['template', 'metadata', 'labels'], labels);
  const matchLabels = {
    ...objectAt(spec, 'selector', 'matchLabels'),
    'batch.kubernetes.io/controller-uid': uid,
  };
  const selector = { ...objectAt(spec, 'selector'), matchLabels };
  return withField(job, 'spec', { ...labelled, selector });
}

export const BATCH_KINDS: Readonly<Record<string, BuiltinOptions>> = {
  'batch/jobs': {
    isNewGeneration: isNewSpec,
    prepareCreate: withGeneratedSelector,
    propagation: 'Orphan',
    validate: jobErrors,
    validateChange: jobChangeErrors,
    selectable: selectable('status.successful'),
  },
  'batch/cronjobs': { isNewGeneration: isNewSpec, validate: cronJobErrors },
  'autoscaling/horizontalpodautoscalers': { validate: autoscalerErrors },
  'policy/poddisruptionbudgets': {
    isNewGeneration: isNewSpec,
    unconditionalUpdate: false,
    validate: disruptionBudgetErrors,
  },
};
