/** kube_pod_*: what kube-state-metrics says of pods and their containers. */
import type { Container, ContainerStatus, Pod } from '#apis/kubernetes/builtin.ts';
import { controllerOf } from '#apis/kubernetes/object.ts';
import { nameOf, namespaceOf, uidOf } from '../meta.ts';
import {
  amountSamples,
  createdSeconds,
  family,
  numbers,
  oneOf,
  ownerSamples,
  seconds,
} from './kube-state-samples.ts';
import type { Labels, ObjectFamily, Sample } from './metric-text.ts';

const PHASES = ['Pending', 'Succeeded', 'Failed', 'Unknown', 'Running'] as const;
const QOS_CLASSES = ['BestEffort', 'Burstable', 'Guaranteed'] as const;
const STATUSES = ['true', 'false', 'unknown'] as const;

function ofPod(pod: Pod): Labels {
  return { namespace: namespaceOf(pod), pod: nameOf(pod), uid: uidOf(pod) };
}

export const POD_FAMILIES: readonly ObjectFamily<Pod>[] = [
  family('kube_pod_info', (pod) => [[{ ...ofPod(pod), ...infoLabels(pod) }, 1]]),
  family('kube_pod_owner', (pod) => ownerSamples(ofPod(pod), pod)),
  ...numbers<Pod>('kube_pod', ofPod, {
    created: createdSeconds,
    start_time: ({ status }) => seconds(status?.startTime),
    deletion_timestamp: ({ metadata }) => seconds(metadata?.deletionTimestamp),
    status_unschedulable: (pod) => (isUnschedulable(pod) ? 1 : undefined),
  }),
  family('kube_pod_status_phase', (pod) =>
    oneOf(ofPod(pod), 'phase', { all: PHASES, is: pod.status?.phase ?? 'Unknown' }),
  ),
  family('kube_pod_status_ready', (pod) => conditionOf(pod, 'Ready')),
  family('kube_pod_status_scheduled', (pod) => conditionOf(pod, 'PodScheduled')),
  family('kube_pod_status_qos_class', (pod) =>
    oneOf(ofPod(pod), 'qos_class', { all: QOS_CLASSES, is: pod.status?.qosClass ?? '' }),
  ),
  family('kube_pod_restart_policy', (pod) => [
    [{ ...ofPod(pod), type: pod.spec?.restartPolicy ?? 'Always' }, 1],
  ]),
];

function infoLabels(pod: Pod): Labels {
  const owner = controllerOf(pod);
  const { spec, status } = pod;
  const labels = {
    host_ip: status?.hostIP,
    pod_ip: status?.podIP,
    node: spec?.nodeName,
    created_by_kind: owner?.kind,
    created_by_name: owner?.name,
    priority_class: spec?.priorityClassName,
  };
  const texts = Object.entries(labels).map(([name, value]) => [name, value ?? EMPTY_INFO[name] ?? '']);
  return { ...(Object.fromEntries(texts) as Labels), host_network: String(spec?.hostNetwork ?? false) };
}

/** What stands for an owner that does not exist. */
const EMPTY_INFO: Labels = { created_by_kind: '<none>', created_by_name: '<none>' };

function isUnschedulable(pod: Pod): boolean {
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  return scheduled?.reason === 'Unschedulable';
}

function conditionOf(pod: Pod, type: string): readonly Sample[] {
  const found = pod.status?.conditions?.find((candidate) => candidate.type === type);
  if (found === undefined) return [];
  return oneOf(ofPod(pod), 'condition', { all: STATUSES, is: found.status.toLowerCase() });
}

type StatusReader = (status: ContainerStatus) => number | undefined;
type ReasonReader = (status: ContainerStatus) => string | undefined;

/** One number of each container's status, where it has it. */
function statusNumber(name: string, read: StatusReader): ObjectFamily<Pod> {
  return family(`kube_pod_container_${name}`, (pod) =>
    perStatus(pod, (status, labels) => {
      const value = read(status);
      return value === undefined ? [] : [[labels, value]];
    }),
  );
}

/** A reason of each container's status, as a label, where it has one. */
function statusReason(name: string, read: ReasonReader): ObjectFamily<Pod> {
  return family(`kube_pod_container_${name}`, (pod) =>
    perStatus(pod, (status, labels) => {
      const reason = read(status);
      return reason === undefined ? [] : [[{ ...labels, reason }, 1]];
    }),
  );
}

function perStatus(
  pod: Pod,
  samples: (status: ContainerStatus, labels: Labels) => readonly Sample[],
): readonly Sample[] {
  const statuses = pod.status?.containerStatuses ?? [];
  return statuses.flatMap((status) => samples(status, { ...ofPod(pod), container: status.name }));
}

function perContainer(
  pod: Pod,
  samples: (container: Container, labels: Labels) => readonly Sample[],
): readonly Sample[] {
  const { nodeName: node = '', containers = [] } = pod.spec ?? {};
  return containers.flatMap((each) => samples(each, { ...ofPod(pod), container: each.name, node }));
}

function imageLabels(pod: Pod, { name, image, imageID, containerID = '' }: ContainerStatus): Labels {
  const spec = pod.spec?.containers.find((container) => container.name === name);
  return { image_spec: spec?.image ?? '', image, image_id: imageID, container_id: containerID };
}

export const CONTAINER_FAMILIES: readonly ObjectFamily<Pod>[] = [
  family('kube_pod_container_info', (pod) =>
    perStatus(pod, (status, labels) => [[{ ...labels, ...imageLabels(pod, status) }, 1]]),
  ),
  family('kube_pod_container_resource_requests', (pod) =>
    perContainer(pod, ({ resources }, labels) => amountSamples(labels, resources?.requests)),
  ),
  family('kube_pod_container_resource_limits', (pod) =>
    perContainer(pod, ({ resources }, labels) => amountSamples(labels, resources?.limits)),
  ),
  { ...statusNumber('status_restarts_total', (status) => status.restartCount), type: 'counter' },
  statusNumber('status_ready', ({ ready }) => Number(ready)),
  statusNumber('status_running', ({ state }) => Number(state?.running !== undefined)),
  statusNumber('status_waiting', ({ state }) => Number(state?.waiting !== undefined)),
  statusNumber('status_terminated', ({ state }) => Number(state?.terminated !== undefined)),
  statusReason('status_waiting_reason', ({ state }) => state?.waiting?.reason),
  statusReason('status_terminated_reason', ({ state }) => state?.terminated?.reason),
  statusReason('status_last_terminated_reason', ({ lastState }) => lastState?.terminated?.reason),
  statusNumber('status_last_terminated_exitcode', ({ lastState }) => lastState?.terminated?.exitCode),
  statusNumber('status_last_terminated_timestamp', ({ lastState }) =>
    seconds(lastState?.terminated?.finishedAt),
  ),
  statusNumber('state_started', ({ state }) => seconds(state?.running?.startedAt)),
];
