/** Defaults of the batch and autoscaling groups. */
import type { DefaultRule } from '../decode/decoder.ts';
import { type JsonObject, asObject, isEmptyObject, isObject, isPresent, objectAt } from '../json/json.ts';
import { constants, fill, filled } from './fill.ts';

const MAX_INT32 = 2 ** 31 - 1;

function jobSpecDefaults(spec: JsonObject): JsonObject {
  const isParallel = isPresent(spec['completions']) || isPresent(spec['parallelism']);
  return {
    ...(isParallel ? {} : { completions: 1 }),
    parallelism: 1,
    backoffLimit: isPresent(spec['backoffLimitPerIndex']) ? MAX_INT32 : 6,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: isPresent(spec['podFailurePolicy']) ? 'Failed' : 'TerminatingOrFailed',
    manualSelector: false,
  };
}

const job: DefaultRule = (draft) => {
  const spec = asObject(draft['spec']);
  draft['spec'] = filled(spec, jobSpecDefaults(spec));
  const templateLabels = objectAt(spec, 'template', 'metadata', 'labels');
  const metadata = asObject(draft['metadata']);
  if (!isEmptyObject(templateLabels) && isEmptyObject(objectAt(metadata, 'labels'))) {
    draft['metadata'] = { ...metadata, labels: templateLabels };
  }
};

const CPU_TARGET = [
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
];

const SCALE_UP = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};

const SCALE_DOWN = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };

const autoscaler: DefaultRule = (draft) => {
  const spec = { ...asObject(draft['spec']) };
  fill(spec, { minReplicas: 1, metrics: CPU_TARGET });
  const behavior = spec['behavior'];
  if (isObject(behavior)) {
    spec['behavior'] = {
      ...behavior,
      scaleUp: filled(objectAt(behavior, 'scaleUp'), SCALE_UP),
      scaleDown: filled(objectAt(behavior, 'scaleDown'), SCALE_DOWN),
    };
  }
  draft['spec'] = spec;
};

export const BATCH_DEFAULTS: Readonly<Record<string, DefaultRule>> = {
  'batch.v1.Job': job,
  'batch.v1.CronJobSpec': constants({
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  }),
  'batch.v1.PodFailurePolicyOnPodConditionsPattern': constants({ status: 'True' }),
  'autoscaling.v2.HorizontalPodAutoscaler': autoscaler,
};
