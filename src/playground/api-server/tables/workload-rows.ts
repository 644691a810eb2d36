/** Rows of the workload kinds. */
import { controllerOf } from '#apis/kubernetes/object.ts';
import { isPresent } from '../json/json.ts';
import {
  type CellMaker,
  age,
  ago,
  at,
  conditionIs,
  containerImages,
  containerNames,
  count,
  countAt,
  labels,
  name,
  ratio,
  row,
  selector,
  size,
  text,
} from './cells.ts';
import { humanDuration } from './durations.ts';
import type { RowMaker } from './table.ts';

/** Wide columns: containers, images and, mostly, the selector. */
function containers(template: string): readonly CellMaker[] {
  return [containerNames(template), containerImages(template)];
}

const TEMPLATE = 'spec.template';
const JOB_TEMPLATE = 'spec.jobTemplate.spec';

/** The first of these conditions that is true names the state of a job. */
const jobState: CellMaker = (object) => {
  const isDeleting = object.metadata.deletionTimestamp !== undefined;
  const states = ['Complete', 'Failed', 'Terminating', 'Suspended', 'FailureTarget', 'SuccessCriteriaMet'];
  const holds = (state: string): boolean =>
    state === 'Terminating' ? isDeleting : conditionIs(object, state, 'True');
  return states.find(holds) ?? 'Running';
};

const completions: CellMaker = (object) => {
  const succeeded = countAt(object, 'status.succeeded');
  if (isPresent(at(object, 'spec.completions'))) return `${succeeded}/${countAt(object, 'spec.completions')}`;
  const parallelism = countAt(object, 'spec.parallelism');
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
};

const duration: CellMaker = (object, { nowMs }) => {
  const start = at(object, 'status.startTime');
  const end = at(object, 'status.completionTime');
  if (typeof start !== 'string') return '';
  return humanDuration((typeof end === 'string' ? Date.parse(end) : nowMs) - Date.parse(start));
};

const controller: CellMaker = (object) => {
  const owner = controllerOf(object);
  if (owner === undefined) return '<none>';
  const [group, version] = owner.apiVersion.split('/');
  return `${owner.kind.toLowerCase()}${version === undefined ? '' : `.${group ?? ''}`}/${owner.name}`;
};

const suspended: CellMaker = (object) => (at(object, 'spec.suspend') === true ? 'True' : 'False');

export const WORKLOAD_ROWS: Readonly<Record<string, RowMaker>> = {
  'apps/deployments': row(
    name,
    ratio('status.readyReplicas', 'spec.replicas'),
    count('status.updatedReplicas'),
    count('status.availableReplicas'),
    age,
    ...containers(TEMPLATE),
    selector('spec.selector'),
  ),
  'apps/replicasets': row(
    name,
    count('spec.replicas'),
    count('status.replicas'),
    count('status.readyReplicas'),
    age,
    ...containers(TEMPLATE),
    selector('spec.selector'),
  ),
  'apps/statefulsets': row(
    name,
    ratio('status.readyReplicas', 'spec.replicas'),
    age,
    ...containers(TEMPLATE),
  ),
  'apps/daemonsets': row(
    name,
    count('status.desiredNumberScheduled'),
    count('status.currentNumberScheduled'),
    count('status.numberReady'),
    count('status.updatedNumberScheduled'),
    count('status.numberAvailable'),
    labels('spec.template.spec.nodeSelector'),
    age,
    ...containers(TEMPLATE),
    selector('spec.selector'),
  ),
  'apps/controllerrevisions': row(name, controller, count('revision'), age),
  'batch/jobs': row(
    name,
    jobState,
    completions,
    duration,
    age,
    ...containers(TEMPLATE),
    selector('spec.selector'),
  ),
  'batch/cronjobs': row(
    name,
    text('spec.schedule'),
    text('spec.timeZone', '<none>'),
    suspended,
    size('status.active'),
    ago('status.lastScheduleTime', '<none>'),
    age,
    ...containers(`${JOB_TEMPLATE}.template`),
    selector(`${JOB_TEMPLATE}.selector`),
  ),
};
