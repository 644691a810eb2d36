/** Snapshots as the power endpoints answer. Watts are not rounded: sums of parts stay sums. */
import type { ContainerSample, NodeSample, TotalPower } from '#apis/estimator-api/power.ts';
import type { ContainerPower, DevicePower, NodePower, PowerSnapshot } from '#domain/power/power.ts';
import { jsonText } from '../../rest/reply.ts';
import { ageSeconds, evidenceAnswer, isoTime } from './evidence-answer.ts';

export interface SampleTimes {
  /** Of the snapshot. */
  readonly atMs: number;
  readonly nowMs: number;
}

function containerAnswer(power: ContainerPower, { atMs, nowMs }: SampleTimes): ContainerSample {
  const { container, pod, namespace, node, podUid, activeWatts, idleWatts } = power;
  return {
    container_name: container,
    pod_name: pod,
    namespace,
    node_name: node ?? null,
    power_watts: activeWatts + idleWatts,
    active_watts: activeWatts,
    idle_watts: idleWatts,
    parts: { ...power.parts },
    timestamp: isoTime(atMs),
    labels: {
      container_name: container,
      pod_name: pod,
      container_namespace: namespace,
      ...(podUid === undefined ? {} : { pod_id: podUid }),
    },
    ...evidenceAnswer(power, nowMs),
    ...(node === undefined ? { unknown: { node_name: 'no source tells on which node it runs' } } : {}),
  };
}

/** All of a container's answer but its age is the same for every caller of a snapshot. */
const AGELESS = new WeakMap<ContainerPower, { readonly atMs: number; readonly text: string }>();

/** Containers as a JSON list. */
export function containersJson(containers: readonly ContainerPower[], times: SampleTimes): string {
  return `[${containers.map((power) => containerJson(power, times)).join(',')}]`;
}

function containerJson(power: ContainerPower, times: SampleTimes): string {
  const known = AGELESS.get(power);
  if (known?.atMs === times.atMs) return `${known.text}${String(ageSeconds(power, times.nowMs))}}`;
  const { age_seconds: _age, ...ageless } = containerAnswer(power, times);
  const text = `${jsonText(ageless).slice(0, -1)},"age_seconds":`;
  AGELESS.set(power, { atMs: times.atMs, text });
  return containerJson(power, times);
}

export function nodeAnswers(snapshot: PowerSnapshot, nowMs: number): readonly NodeSample[] {
  const devices = Map.groupBy(snapshot.devices, ({ node }) => node);
  const containers = Map.groupBy(snapshot.containers, ({ node }) => node);
  return snapshot.nodes.map((power) => {
    const own = { devices: devices.get(power.node) ?? [], containers: containers.get(power.node) ?? [] };
    return nodeAnswer(power, own, { atMs: snapshot.atMs, nowMs });
  });
}

interface OnNode {
  readonly devices: readonly DevicePower[];
  readonly containers: readonly ContainerPower[];
}

function nodeAnswer(power: NodePower, { devices, containers }: OnNode, times: SampleTimes): NodeSample {
  return {
    node_name: power.node,
    power_watts: power.watts,
    active_watts: power.activeWatts,
    idle_watts: power.idleWatts,
    containers_watts: sumWatts(containers),
    system_watts: power.systemWatts,
    parts: { ...power.parts },
    devices: devices.map((device) => deviceAnswer(device, times.nowMs)),
    timestamp: isoTime(times.atMs),
    ...evidenceAnswer(power, times.nowMs),
  };
}

function deviceAnswer(power: DevicePower, nowMs: number): NodeSample['devices'][number] {
  const { uuid, part, vendor, model, watts, idleWatts, sharers } = power;
  return {
    uuid,
    part,
    vendor,
    model: model ?? null,
    power_watts: watts,
    idle_watts: idleWatts,
    sharers: sharers.map((sharer) => ({
      namespace: sharer.namespace,
      pod_name: sharer.pod,
      container_name: sharer.container,
      power_watts: sharer.watts,
    })),
    ...evidenceAnswer(power, nowMs),
    ...(model === undefined ? { unknown: { model: 'its exporter does not tell' } } : {}),
  };
}

export function wattsOf({ activeWatts, idleWatts }: ContainerPower): number {
  return activeWatts + idleWatts;
}

export function sumWatts(containers: readonly ContainerPower[]): number {
  return containers.reduce((sum, power) => sum + wattsOf(power), 0);
}

/** The sum of a list, which is unknown where the list is empty. */
export function totalAnswer(watts: readonly number[], whyNone: string): TotalPower {
  if (watts.length === 0) return { power_watts: null, unknown: { power_watts: whyNone } };
  return { power_watts: watts.reduce((sum, one) => sum + one, 0) };
}
