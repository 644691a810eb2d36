/** The row of a pod: its state in one word is the interesting part. */
import { type JsonObject, asNumber, asObjects, asText, isObject, objectAt, textAt } from '../json/json.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { type CellMaker, age, at, conditionIs, name, row, text } from './cells.ts';
import { since } from './durations.ts';
import type { RowMaker } from './table.ts';

/** What the rows add up while they walk the containers. */
interface Tally {
  reason: string;
  ready: number;
  restarts: number;
  lastRestart: string;
}

function countRestarts(tally: Tally, status: JsonObject): void {
  tally.restarts += asNumber(status['restartCount']) ?? 0;
  const last = textAt(status, 'lastState', 'terminated', 'finishedAt');
  if (last > tally.lastRestart) tally.lastRestart = last;
}

function sidecarNames(pod: ApiObject): ReadonlySet<string> {
  const sidecars = asObjects(at(pod, 'spec.initContainers')).filter(
    ({ restartPolicy }) => restartPolicy === 'Always',
  );
  return new Set(sidecars.map((container) => asText(container['name'])));
}

/** Why an init container holds the pod up; undefined where it does not. */
function initReason(status: JsonObject, position: string): string | undefined {
  const { terminated } = objectAt(status, 'state');
  if (isObject(terminated)) return terminated['exitCode'] === 0 ? undefined : `Init:${endReason(terminated)}`;
  const waiting = textAt(status, 'state', 'waiting', 'reason');
  return waiting === '' || waiting === 'PodInitializing' ? `Init:${position}` : `Init:${waiting}`;
}

function endReason(terminated: JsonObject): string {
  const reason = asText(terminated['reason']);
  if (reason !== '') return reason;
  const signal = asNumber(terminated['signal']) ?? 0;
  return signal === 0 ? `ExitCode:${asNumber(terminated['exitCode']) ?? 0}` : `Signal:${signal}`;
}

/** Walks the init containers; says whether the pod is still initializing. */
function walkInit(pod: ApiObject, tally: Tally, sidecars: Tally): boolean {
  const names = sidecarNames(pod);
  const total = asObjects(at(pod, 'spec.initContainers')).length;
  for (const [index, status] of asObjects(at(pod, 'status.initContainerStatuses')).entries()) {
    const isSidecar = names.has(asText(status['name']));
    countRestarts(tally, status);
    if (isSidecar) countRestarts(sidecars, status);
    if (isSidecar && status['started'] === true) {
      if (status['ready'] === true) tally.ready += 1;
      continue;
    }
    const reason = initReason(status, `${index}/${total}`);
    if (reason === undefined) continue;
    tally.reason = reason;
    return true;
  }
  return false;
}

/** What the containers amount to beyond the tally. */
interface Outcome {
  hasRunning: boolean;
  errorReason: string;
}

function walkContainers(pod: ApiObject, tally: Tally): void {
  const outcome: Outcome = { hasRunning: false, errorReason: '' };
  for (const status of asObjects(at(pod, 'status.containerStatuses')).toReversed()) {
    countRestarts(tally, status);
    walkContainer(status, tally, outcome);
  }
  if (tally.reason === 'Completed') tally.reason = completedReason(pod, outcome);
}

function walkContainer(status: JsonObject, tally: Tally, outcome: Outcome): void {
  const waiting = textAt(status, 'state', 'waiting', 'reason');
  const { terminated, running } = objectAt(status, 'state');
  if (waiting !== '') tally.reason = waiting;
  else if (isObject(terminated)) {
    tally.reason = endReason(terminated);
    if (terminated['exitCode'] !== 0) outcome.errorReason = tally.reason;
  } else if (status['ready'] === true && isObject(running)) {
    outcome.hasRunning = true;
    tally.ready += 1;
  }
}

/** A pod of which some containers have completed is what the others make it. */
function completedReason(pod: ApiObject, { hasRunning, errorReason }: Outcome): string {
  if (hasRunning && conditionIs(pod, 'Ready', 'True')) return 'Running';
  if (errorReason !== '') return errorReason;
  return hasRunning ? 'NotReady' : 'Completed';
}

function firstReason(pod: ApiObject): string {
  const conditions = asObjects(at(pod, 'status.conditions'));
  const isGated = conditions.some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  );
  if (isGated) return 'SchedulingGated';
  return textAt(pod, 'status', 'reason') || textAt(pod, 'status', 'phase');
}

function finalReason(pod: ApiObject, reason: string): string {
  if (pod.metadata.deletionTimestamp === undefined) return reason;
  if (textAt(pod, 'status', 'reason') === 'NodeLost') return 'Unknown';
  const phase = textAt(pod, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed' ? reason : 'Terminating';
}

function tallyOf(pod: ApiObject): Tally {
  const tally: Tally = { reason: firstReason(pod), ready: 0, restarts: 0, lastRestart: '' };
  const sidecars: Tally = { ...tally };
  if (walkInit(pod, tally, sidecars) && !conditionIs(pod, 'Initialized', 'True')) return tally;
  tally.restarts = sidecars.restarts;
  tally.lastRestart = sidecars.lastRestart;
  walkContainers(pod, tally);
  return tally;
}

const readinessGates: CellMaker = (pod) => {
  const gates = asObjects(at(pod, 'spec.readinessGates')).map((gate) => asText(gate['conditionType']));
  if (gates.length === 0) return '<none>';
  return `${gates.filter((type) => conditionIs(pod, type, 'True')).length}/${gates.length}`;
};

function restartsText({ restarts, lastRestart }: Tally, nowMs: number): string {
  return restarts === 0 || lastRestart === ''
    ? String(restarts)
    : `${restarts} (${since(lastRestart, nowMs)} ago)`;
}

const wide = row(
  (pod) => asText(asObjects(at(pod, 'status.podIPs'))[0]?.['ip']) || '<none>',
  text('spec.nodeName', '<none>'),
  text('status.nominatedNodeName', '<none>'),
  readinessGates,
);

export const podRow: RowMaker = (pod, context) => {
  const tally = tallyOf(pod);
  const containers = asObjects(at(pod, 'spec.containers')).length + sidecarNames(pod).size;
  return [
    name(pod, context),
    `${tally.ready}/${containers}`,
    finalReason(pod, tally.reason),
    restartsText(tally, context.nowMs),
    age(pod, context),
    ...wide(pod, context),
  ];
};
