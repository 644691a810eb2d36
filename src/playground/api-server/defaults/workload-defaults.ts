/** Defaults of the apps group. */
import type { DefaultRule } from '../decode/decoder.ts';
import { type JsonObject, asObject, objectAt } from '../json/json.ts';
import { fill, filled } from './fill.ts';

type Draft = Record<string, unknown>;

function withSpec(draft: Draft, defaults: JsonObject): void {
  draft['spec'] = filled(asObject(draft['spec']), defaults);
}

/** A rolling update by default, with its parameters filled in. */
function rolling(strategy: JsonObject, parameters: JsonObject): JsonObject {
  const typed = filled(strategy, { type: 'RollingUpdate' });
  if (typed['type'] !== 'RollingUpdate') return typed;
  const known = objectAt(typed, 'rollingUpdate');
  const complete = filled(known, parameters);
  return complete === known && typed['rollingUpdate'] !== undefined
    ? typed
    : { ...typed, rollingUpdate: complete };
}

const deployment: DefaultRule = (draft) => {
  withSpec(draft, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
  const spec = asObject(draft['spec']);
  const strategy = rolling(objectAt(spec, 'strategy'), { maxUnavailable: '25%', maxSurge: '25%' });
  if (strategy !== spec['strategy']) draft['spec'] = { ...spec, strategy };
};

const daemonSet: DefaultRule = (draft) => {
  withSpec(draft, { revisionHistoryLimit: 10 });
  const spec = asObject(draft['spec']);
  const updateStrategy = rolling(objectAt(spec, 'updateStrategy'), { maxUnavailable: 1, maxSurge: 0 });
  if (updateStrategy !== spec['updateStrategy']) draft['spec'] = { ...spec, updateStrategy };
};

const statefulSet: DefaultRule = (draft) => {
  const spec = { ...asObject(draft['spec']) };
  fill(spec, { podManagementPolicy: 'OrderedReady', replicas: 1, revisionHistoryLimit: 10 });
  const strategy = objectAt(spec, 'updateStrategy');
  // A strategy that names its type but no parameters keeps having none.
  if (strategy['type'] === undefined || strategy['rollingUpdate'] !== undefined) {
    spec['updateStrategy'] = rolling(strategy, { partition: 0 });
  }
  spec['persistentVolumeClaimRetentionPolicy'] = filled(
    objectAt(spec, 'persistentVolumeClaimRetentionPolicy'),
    {
      whenDeleted: 'Retain',
      whenScaled: 'Retain',
    },
  );
  draft['spec'] = spec;
};

export const WORKLOAD_DEFAULTS: Readonly<Record<string, DefaultRule>> = {
  'apps.v1.Deployment': deployment,
  'apps.v1.DaemonSet': daemonSet,
  'apps.v1.StatefulSet': statefulSet,
  'apps.v1.ReplicaSet': (draft) => {
    withSpec(draft, { replicas: 1 });
  },
};
